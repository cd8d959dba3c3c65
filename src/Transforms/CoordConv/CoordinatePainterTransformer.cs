using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<CoordinatePainterTransformer>("CoordinatePainter")]

namespace MLNet.Papers;

/// <summary>Paints an image from two numbers that say where: a pixel, or a shape around it.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 4.</para>
/// <para><b>Input.</b> Centre: a vector of Single of length 2, (x, y) in pixels from the top left.</para>
/// <para><b>Output.</b> PaintedImage: a vector of Single of length H·W, row by row: probabilities that add up to 1 (<see cref="PaintedOutput.PixelSoftmax"/>),
/// or of each pixel from 0 to 1. With PixelSoftmax also Pixel: a key with H·W values, y·W + x + 1 of the most probable pixel. A centre that is not finite gets
/// NaN and a missing key.</para>
/// </remarks>
public sealed class CoordinatePainterTransformer : NetworkTransformer, ISavedTransformer<CoordinatePainterTransformer>
{
    private const string PaintedImage = "PaintedImage";
    private const string Pixel = "Pixel";

    private readonly State _state;

    internal CoordinatePainterTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Architecture, device => EmbeddingScorer.Create(state.Architecture, state.Weights, device)) => _state = state;

    /// <summary>The name of the column that says where.</summary>
    public string CentreColumnName => _state.Options.CentreColumnName;

    /// <summary>H of the painted image.</summary>
    public int Height => _state.Options.Height;

    /// <summary>W of the painted image.</summary>
    public int Width => _state.Options.Width;

    private protected override IEnumerable<InputColumn> Inputs => [CentreColumn(CentreColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        Columns(_state.Options.Output, Height, Width);

    /// <summary>The column that says where.</summary>
    internal static VectorColumn CentreColumn(string name) => new(name) { Length = 2 };

    /// <summary>The columns that are added.</summary>
    internal static IReadOnlyList<OutputColumn> Columns(PaintedOutput output, int height, int width)
    {
        int pixels = height * width;
        OutputColumn image = OutputColumn.Vector(
            PaintedImage, pixels, pixel => string.Create(CultureInfo.InvariantCulture, $"x {pixel % width} y {pixel / width}"));
        return output == PaintedOutput.PixelSoftmax ? [image, new(Pixel, new KeyDataViewType(typeof(uint), pixels))] : [image];
    }

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        VectorOutputBuffer<float> image = OutputBuffer.Vector<float>(capacity, _state.Architecture.OutputSize);
        ScalarOutputBuffer<uint>? pixel = _state.Options.Output == PaintedOutput.PixelSoftmax ? OutputBuffer.Scalar<uint>(capacity) : null;
        var reader = new CentreReader(
            new VectorReader(input, input.Schema[CentreColumnName]), _state.Options.Height, _state.Options.Width, _state.Options.ScaleCentre);
        return CreateSession(reader, capacity, pixel is null ? [image] : [image, pixel], Paint);

        void Paint(Span<float> logits, int slot)
        {
            bool isMissing = float.IsNaN(logits[0]);
            logits.CopyTo(image[slot]);
            if (!isMissing && pixel is not null)
                ClassProbabilities.Softmax(image[slot]);
            else if (!isMissing)
                TensorPrimitives.Sigmoid<float>(logits, image[slot]);
            if (pixel is not null)
                pixel[slot] = isMissing ? 0 : (uint)TensorPrimitives.IndexOfMax<float>(logits) + 1;
        }
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows)
    {
        OnnxValue centre = _state.Options.ScaleCentre ? CentreReader.ScaleInOnnx(graph, rows, Height, Width) : rows;
        OnnxValue logits = _state.Architecture.ToOnnx(graph, centre, _state.Weights);
        return _state.Options.Output == PaintedOutput.PixelSoftmax
            ? [new(PaintedImage, graph.Softmax(logits), _state.Architecture.OutputSize) { Greatest = Pixel }]
            : [new(PaintedImage, graph.Sigmoid(logits), _state.Architecture.OutputSize)];
    }

    /// <summary>What is saved besides the network.</summary>
    internal sealed record Settings(string CentreColumnName, int Height, int Width, PaintedOutput Output, bool ScaleCentre);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State([Block] Settings Options, [Block] LayeredArchitecture Architecture, NetworkWeights Weights) : IModelRecord
    {
        public string? FindFault() => Enum.IsDefined(Options.Output) && Architecture.InputSize == 2
            && Options.Height >= 1 && Options.Width >= 1 && (long)Options.Height * Options.Width == Architecture.OutputSize
            ? null
            : "Block 'options' does not fit the network.";
    }
}
