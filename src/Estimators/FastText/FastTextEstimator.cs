using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;
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
public sealed class FastTextEstimator : IEstimator<FastTextTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly FastTextOptions _options;

    internal FastTextEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, FastTextOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        _environment = environment;
        _outputColumnName = outputColumnName;
        _inputColumnName = inputColumnName;
        _options = (FastTextOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Learns from all rows of <paramref name="input"/>.</summary>
    /// <param name="input">The training data; read once and, if its text is longer than 64 MiB, once more for each epoch.</param>
    /// <returns>The fitted transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, no word occurs MinCount times, the initial vectors have another dimension, or a vector is not finite.
    /// </exception>
    /// <exception cref="FormatException">The initial vectors cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public FastTextTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.RequireText(input.Schema, _inputColumnName);
        FastTextModel? initial = InitialVectors.Load(_options, Check);
        FastTextArguments arguments = _options.ToArguments();
        using var reader = new CorpusReader(new Corpus(_environment, input, _inputColumnName), _options.Epochs + 1L);
        FastTextDictionary dictionary = CreateDictionary(reader, arguments, initial);
        int seed = _options.Seed ?? Host.Seed(_environment) ?? Random.Shared.Next();
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed, _options.Threads, initial, Check);
        var plan = new FastTextPlan(_options.Epochs, _options.LearningRate, _options.Threads, seed, _options.Progress);
        FastTextModel model = new FastTextTraining(_environment, network, plan).Run(reader);
        return new FastTextTransformer(_environment, new(_outputColumnName, _inputColumnName, model));
    }

    private void Check() => Host.ThrowIfCanceled(_environment);

    // A method of its own, so that what was counted is not held any more when the training begins.
    private FastTextDictionary CreateDictionary(CorpusReader reader, FastTextArguments arguments, FastTextModel? initial) =>
        reader.Count([]).ToDictionary(arguments, _environment, initial);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _inputColumnName);
        return SchemaShapes.With(inputSchema, [SchemaShapes.Column(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)]);
    }
}
