using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers;

/// <summary>Adds to each image the coordinates of its pixels as channels. There is nothing to learn.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 3.</para>
/// <para><b>Input.</b> A vector of Single of length C·H·W in CHW order, or an image of any size, which is resized and gives values from 0 to 255.</para>
/// <para><b>Output.</b> A vector of Single of length (C + 2)·H·W, or (C + 3)·H·W with the radius; see <see cref="CoordinateChannelsTransformer"/>.</para>
/// </remarks>
public sealed class CoordinateChannelsEstimator : IEstimator<CoordinateChannelsTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly CoordinateChannelsTransformer.State _state;

    internal CoordinateChannelsEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, int channels, int height, int width, bool withRadius)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var state = new CoordinateChannelsTransformer.State(outputColumnName, inputColumnName, new(channels, height, width), withRadius);
        if (state.FindShapeFault() is { } fault)
            throw new ArgumentOutOfRangeException(nameof(channels), FormattableString.Invariant($"channels × height × width {fault}."));
        (_environment, _state) = (environment, state);
    }

    /// <summary>Checks the input column; no row is read.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public CoordinateChannelsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _state.Images.Require(input.Schema);
        return new CoordinateChannelsTransformer(_environment, _state);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _state.Images.Require(inputSchema);
        return SchemaShapes.With(inputSchema, SchemaShapes.Column(_state.OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
    }
}
