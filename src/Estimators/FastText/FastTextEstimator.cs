using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.FastText;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns vectors of words and of the n-grams of their letters from texts, and turns texts into vectors with them.</summary>
/// <remarks>
/// <para><b>Source.</b> Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606.</para>
/// <para><b>Input.</b> A text, or a vector of texts, which is taken as if spaces stood between its texts. Upper and lower case differ, and punctuation is not
/// split off: do so before (<c>NormalizeText</c>, <c>TokenizeIntoWords</c>) where it matters.</para>
/// <para><b>Output.</b> A vector of Single of length Dimension: the mean of the words' vectors, each scaled to length 1. A text without any known piece gives
/// zeros.</para>
/// <para><b>Training data.</b> The rows are read once for the words and, if their text is longer than 64 MiB, once more for each epoch; a shorter one is
/// remembered as the numbers of its words. Memory: 4 · Dimension · (2 · words + Buckets) bytes, rows padded to 64, and the words themselves.</para>
/// <para><b>Randomness.</b> The vectors at the start, subsampling, windows and negative samples, from Seed. The same seed and data give the same model with one
/// thread.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are no rows, no word occurs MinCount times, the initial vectors have another dimension, or a vector is not finite.
/// </exception>
/// <exception cref="FormatException">The initial vectors cannot be read.</exception>
public sealed class FastTextEstimator : TechniqueEstimator<FastTextTransformer, FastTextOptions>
{
    private readonly string _outputColumnName;
    private readonly TextColumn _text;

    internal FastTextEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, FastTextOptions? options)
        : base(environment, options) => (_outputColumnName, _text) = (Named(outputColumnName), new(Named(inputColumnName)));

    private protected override IEnumerable<InputColumn> Inputs => [_text];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [OutputColumn.Embedding(_outputColumnName, Options.Dimension)];

    private protected override FastTextTransformer Fit(IDataView input, IChannel channel)
    {
        FastTextModel? initial = InitialVectors.Load(Options, Check);
        FastTextArguments arguments = Options.ToArguments();
        using var reader = new CorpusReader(
            new Corpus(Environment, input, _text.Name), Options.Epochs + 1L, hashes: Options.CheckpointFolder is not null);
        FastTextDictionary dictionary = CreateDictionary(reader, arguments, initial);
        int seed = Options.SeedOf(Environment);
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed, Options.Threads, initial, Check);
        FastTextPlan plan = FastTextPlan.Of(Options, Options.Epochs, Options.LearningRate, seed, reader);
        FastTextModel model = new FastTextTraining(Environment, network, plan).Run(reader);
        return new FastTextTransformer(Environment, new(_outputColumnName, _text.Name, model));
    }

    // A method of its own, so that what was counted is not held any more when the training begins.
    private FastTextDictionary CreateDictionary(CorpusReader reader, FastTextArguments arguments, FastTextModel? initial) =>
        reader.Count([]).ToDictionary(arguments, Environment, initial);
}
