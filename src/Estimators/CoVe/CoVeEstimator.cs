using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.CoVe;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to translate texts, and turns their tokens into vectors that depend on the whole text with the encoder that it learned.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107.</para>
/// <para><b>Input.</b> A text, whose tokens are what stands between white space, or a vector of texts, the tokens; and in the same row its translation
/// (<see cref="TranslationTrainingOptions.TargetColumnName"/>). Rows where one of them is empty or too long are passed over, and counted in the log. Only the
/// text is needed afterwards.</para>
/// <para><b>Output.</b> See <see cref="CoVeTransformer"/>.</para>
/// <para><b>Loss.</b> The mean cross-entropy of the target's tokens and its end, in nats; the log has the perplexity of validation.</para>
/// <para><b>Training data.</b> Read once, and once more for each epoch of fastText where word vectors are not given. Held: 4 bytes a token, and each different
/// word. Memory of a step: about 12 bytes for each target word (V) and each target token of a batch; less with
/// <see cref="LanguageTrainingOptions.NegativeSamples"/>.</para>
/// <para><b>Randomness.</b> Initial weights, the order of pairs, what is held out, dropout and sampled words, all from Seed. The same seed, data and number of
/// threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> Learns from all rows that have a text and its translation.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are too few pairs for two batches, or more than MaxPairs; no target word occurs MinTargetCount times; no source word has a vector; the loss or a
/// weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class CoVeEstimator : TechniqueEstimator<CoVeTransformer, CoVeOptions>
{
    private const int Buckets = 50_000;

    private readonly CoVeOutputs _outputs;

    internal CoVeEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, CoVeOptions? options)
        : base(environment, options) => _outputs = CoVeOutputs.Of(Named(outputColumnName), Named(inputColumnName), Options.Outputs());

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_outputs.InputColumnName), new TextColumn(Options.TargetColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _outputs.TokenColumns().Create();

    private protected override CoVeTransformer Fit(IDataView input, IChannel channel)
    {
        var training = new TranslationTraining(Environment, _outputs.InputColumnName, Options);
        FastTextModel? vectors = Options.WordVectors;
        TrainedTranslation trained = training.Run(
            input, (source, held) => SourceWords.Of(vectors ??= Learn(input, training.Seed, channel), Check, source, held));
        return new CoVeTransformer(Environment, new CoVeTransformer.State(
            _outputs, new EncoderModel(trained.Encoder, trained.EncoderWeights, vectors!), Options.KeepDecoder ? trained.Decoder : null));
    }

    private FastTextModel Learn(IDataView input, int seed, IChannel channel)
    {
        channel.Info(MessageSensitivity.None, $"Learning word vectors from column '{_outputs.InputColumnName}'.");
        var options = new FastTextOptions { Dimension = Options.EmbeddingSize, MinCount = 1, Buckets = Buckets, Seed = seed };
        using FastTextTransformer words = new FastTextEstimator(Environment, _outputs.OutputColumnName, _outputs.InputColumnName, options).Fit(input);
        return words.Model;
    }
}
