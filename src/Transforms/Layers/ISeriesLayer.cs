using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>
/// A layer of a network over series of unequal lengths: from a vector for each step to another. What it says of a step depends on that step and those before
/// it alone, so that whatever stands behind the end of a series changes nothing.
/// </summary>
internal interface ISeriesLayer
{
    /// <summary>P, the length of the vectors that it gives.</summary>
    int OutputSize { get; }

    /// <summary>The weights of a layer that is given vectors of I values.</summary>
    IEnumerable<LayerWeight> Weights(int inputs);

    /// <summary>Whether the layer's numbers make sense for vectors of I values: the check on a saved layer.</summary>
    bool FitsSeries(int inputs);

    /// <summary>Values that a step of a series needs while it is in the layer, besides its input and its output.</summary>
    long ValuesOfAStep(int inputs);

    /// <summary>Multiply-adds of a step.</summary>
    long WorkOfAStep(int inputs);

    /// <summary>Runs over series that all begin with the first step.</summary>
    /// <param name="series">(T, B, I).</param>
    /// <param name="weight">The layer's weights.</param>
    /// <returns>(T, B, P).</returns>
    Tensor RunSeries(Tensor series, WeightOf<Tensor> weight);

    /// <summary>Adds the layer to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="series">(T, B, I), T being dynamic.</param>
    /// <param name="lengths">The lengths of the series, Int64 (B).</param>
    /// <param name="weight">The layer's weights.</param>
    /// <returns>(T, B, P). What stands behind the end of a series has no meaning.</returns>
    OnnxValue SeriesToOnnx(OnnxGraph graph, OnnxValue series, OnnxValue lengths, WeightOf<OnnxValue> weight);

    /// <summary>What computes the layer on a CPU.</summary>
    ISeriesKernel SeriesKernel(WeightOf<float[]> weight);
}

/// <summary>The form of a series layer that scores on a CPU. Immutable; the values of a series do not depend on the series beside it.</summary>
internal interface ISeriesKernel
{
    /// <summary>Computes what the layer says of all steps.</summary>
    /// <param name="series">The lengths of the series.</param>
    /// <param name="input">Total × I values, packed.</param>
    /// <param name="output">Room for total × P values, packed.</param>
    void RunSeries(PackedSequences series, ReadOnlySpan<float> input, Span<float> output);

    /// <summary>Computes what the layer says of the last step of each series.</summary>
    /// <param name="series">The lengths of the series.</param>
    /// <param name="input">Total × I values, packed.</param>
    /// <param name="last">Room for P values of each series.</param>
    void RunToLast(PackedSequences series, ReadOnlySpan<float> input, Span<float> last);
}
