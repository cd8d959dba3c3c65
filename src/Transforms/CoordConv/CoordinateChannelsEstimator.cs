using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Adds to each image the coordinates of its pixels as channels. There is nothing to learn: a fit checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 3.</para>
/// <para><b>Input.</b> A vector of Single of length C·H·W in CHW order, or an image of any size, which is resized and gives values from 0 to 255.</para>
/// <para><b>Output.</b> A vector of Single of length (C + 2)·H·W, or (C + 3)·H·W with the radius; see <see cref="CoordinateChannelsTransformer"/>.</para>
/// </remarks>
public sealed class CoordinateChannelsEstimator : TechniqueEstimator<CoordinateChannelsTransformer>
{
    private readonly CoordinateChannelsTransformer.State _state;

    internal CoordinateChannelsEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, int channels, int height, int width, bool withRadius)
        : base(environment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _state = new(Named(outputColumnName), Named(inputColumnName), new(channels, height, width), withRadius);
        if (_state.FindShapeFault() is { } fault)
            throw new ArgumentOutOfRangeException(nameof(channels), FormattableString.Invariant($"channels × height × width {fault}."));
    }

    private protected override IEnumerable<InputColumn> Inputs => [_state.Images];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [_state.Output];

    private protected override CoordinateChannelsTransformer Fit(IDataView input, IChannel channel) => new(Environment, _state);
}
