using MLNet.Papers.Interop;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>A model under training: what all workers share.</summary>
internal sealed class FastTextNetwork
{
    private readonly int _outputs;
    private readonly AliasTable? _negatives;
    private readonly HuffmanPaths? _paths;

    private FastTextNetwork(FastTextArguments arguments, FastTextDictionary dictionary, TrainingMatrix input, TrainingMatrix output, Action? check)
    {
        (Arguments, Dictionary, Input, Output, Check) = (arguments, dictionary, input, output, check ?? (() => { }));
        _outputs = OutputCount(arguments, dictionary);
        ReadOnlySpan<long> counts = dictionary.Counts(ofLabels: arguments.IsSupervised);
        if (arguments.Loss == FastTextLoss.NegativeSampling)
            _negatives = new AliasTable(NegativeWeights(counts), Check);
        if (arguments.Loss == FastTextLoss.HierarchicalSoftmax)
            _paths = new HuffmanPaths(counts, Check);
        KeepThresholds = CreateKeepThresholds();
    }

    public FastTextArguments Arguments { get; }

    public FastTextDictionary Dictionary { get; }

    public TrainingMatrix Input { get; }

    public TrainingMatrix Output { get; }

    /// <summary>Called in every loop of a worker; throws to stop.</summary>
    public Action Check { get; }

    /// <summary>For each word the highest of 2^32 equally likely numbers with which an occurrence is kept; none of a classifier is dropped.</summary>
    public uint[] KeepThresholds { get; }

    /// <summary>A network with random rows, or with those that are given for some words.</summary>
    /// <param name="arguments">The model's settings.</param>
    /// <param name="dictionary">The words and labels.</param>
    /// <param name="seed">The seed of the random rows.</param>
    /// <param name="threads">How many workers there will be.</param>
    /// <param name="initial">A model whose vectors words begin with, or null.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <param name="keepsBest">Whether a copy of the vectors will be held, those of the lowest loss.</param>
    /// <exception cref="InvalidOperationException">The vectors do not fit into memory.</exception>
    public static FastTextNetwork Create(
        FastTextArguments arguments, FastTextDictionary dictionary, int seed, int threads, FastTextModel? initial = null, Action? check = null,
        bool keepsBest = false)
    {
        TrainingMatrix.Require(
            dictionary.WordCount, arguments.Buckets, OutputCount(arguments, dictionary), threads, arguments.Dimension, copies: keepsBest ? 2 : 1);
        var polling = new Polling(check);
        var input = new TrainingMatrix((long)dictionary.WordCount + arguments.Buckets, arguments.Dimension);
        var random = new SplitMix(seed, -1);
        input.Randomize(input.Rows, 1f / arguments.Dimension, ref random, check);
        for (int id = 0; id < initial?.Dictionary.WordCount; id++)
        {
            polling.Turn();
            if (dictionary.FindWord(initial.Dictionary.Name(id)) is >= 0 and int row)
                ((DenseMatrix)initial.Input).Row(id).CopyTo(input.Values(row));
        }

        var output = new TrainingMatrix((long)OutputCount(arguments, dictionary) + threads, arguments.Dimension);
        return new FastTextNetwork(arguments, dictionary, input, output, check);
    }

    /// <summary>A network that goes on from a model.</summary>
    public static FastTextNetwork Of(FastTextModel model, int threads = 1, Action? check = null) => new(
        model.Arguments,
        model.Dictionary,
        TrainingMatrix.Of((DenseMatrix)model.Input, check: check),
        TrainingMatrix.Of((DenseMatrix)model.Output!, threads, check),
        check);

    /// <summary>A model that scores with the vectors as they are at any time.</summary>
    public FastTextModel View() => new(Arguments, Dictionary, new TrainingMatrixView(Input, Input.Rows), new TrainingMatrixView(Output, _outputs));

    /// <summary>The trained model; this object is of no use afterwards.</summary>
    public FastTextModel ToModel() => new(Arguments, Dictionary, Input.ToDense(Input.Rows, Check), Output.ToDense(_outputs, Check));

    /// <summary>A worker of its own random numbers, with registers as wide as this processor's.</summary>
    public Learner CreateLearner(int seed, int worker) =>
        KernelTile.IsWide ? CreateLearner<Lanes512>(seed, worker) : CreateLearner<Lanes256>(seed, worker);

    /// <summary>A worker with registers of the given width.</summary>
    public Learner CreateLearner<TLanes>(int seed, int worker)
        where TLanes : struct, ILanes<TLanes>
    {
        var random = new SplitMix(seed, 2 * worker);
        OutputLayer<TLanes> output = Arguments.Loss switch
        {
            FastTextLoss.NegativeSampling =>
                new NegativeSampling<TLanes>(Output, _outputs, _outputs + worker, _negatives!, Arguments.NegativeSamples, new SplitMix(seed, (2 * worker) + 1)),
            FastTextLoss.HierarchicalSoftmax => new HierarchicalSoftmax<TLanes>(Output, _outputs, _outputs + worker, _paths!),
            FastTextLoss.Softmax => new Softmax<TLanes>(Output, _outputs, _outputs + worker),
            _ => new OneVersusAll<TLanes>(Output, _outputs, _outputs + worker),
        };
        output.Check = Check;
        return Arguments.Architecture switch
        {
            FastTextArchitecture.SkipGram => new SkipGram<TLanes>(this, output, random),
            FastTextArchitecture.Cbow => new Cbow<TLanes>(this, output, random),
            _ => new LineClassifier<TLanes>(this, output, random),
        };
    }

    private static int OutputCount(FastTextArguments arguments, FastTextDictionary dictionary) =>
        arguments.IsSupervised ? dictionary.LabelCount : dictionary.WordCount;

    // Outputs that never occurred can be drawn all the same, if rarely.
    private static double[] NegativeWeights(ReadOnlySpan<long> counts)
    {
        double[] weights = new double[counts.Length];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Math.Sqrt(Math.Max(counts[i], 1));
        return weights;
    }

    private uint[] CreateKeepThresholds()
    {
        if (Arguments.IsSupervised)
            return [];
        uint[] thresholds = new uint[Dictionary.WordCount];
        var polling = new Polling(Check);
        for (int word = 0; word < thresholds.Length; word++)
        {
            polling.Turn();
            double ratio = Arguments.SamplingThreshold * Dictionary.TokenCount / Math.Max(Dictionary.Count(word), 1);
            thresholds[word] = (uint)Math.Min((Math.Sqrt(ratio) + ratio) * uint.MaxValue, uint.MaxValue);
        }

        return thresholds;
    }
}
