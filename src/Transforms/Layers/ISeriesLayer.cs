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

    /// <summary>Values that are kept of a series from step to step, where it is read so.</summary>
    /// <param name="inputs">I.</param>
    /// <param name="steps">The most steps of the series.</param>
    long ValuesOfAState(int inputs, long steps);

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

    /// <summary>The state before the first step.</summary>
    /// <param name="rows">How many series there are.</param>
    /// <param name="steps">The most steps that they will have.</param>
    SeriesState ZeroState(int rows, int steps);

    /// <summary>Takes one step of the first series of a state: gives what a run over all steps gives for this one.</summary>
    /// <param name="state">Their state before the step, which is replaced.</param>
    /// <param name="rows">How many of them; never more than in the step before.</param>
    /// <param name="input">I values of each.</param>
    /// <param name="output">Room for P values of each.</param>
    void Step(SeriesState state, int rows, ReadOnlySpan<float> input, Span<float> output);
}

/// <summary>What a layer keeps of some series from step to step.</summary>
internal abstract class SeriesState
{
    /// <summary>Puts the state of a series in the place of another one's.</summary>
    public abstract void Copy(int from, int to);

    /// <summary>The same in one block of numbers.</summary>
    /// <param name="values">Those of all series side by side.</param>
    /// <param name="size">How many each has.</param>
    /// <param name="from">Which are copied.</param>
    /// <param name="to">Which are replaced.</param>
    protected static void Copy(Span<float> values, int size, int from, int to) => values.Slice(from * size, size).CopyTo(values[(to * size)..]);
}
