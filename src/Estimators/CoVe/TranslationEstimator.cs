using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.CoVe;
using MLNet.Papers.FastText;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to translate texts, and the vectors of their words with it.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107, section 3;
/// Hill, Cho, Jean, Devin and Bengio, "Embedding Word Similarity with Neural Machine Translation", ICLR 2015 workshop, arXiv:1412.6448, whose word vectors are
/// a translation model's own table.</para>
/// <para><b>Input.</b> As for <see cref="CoVeEstimator"/>, but that the vectors of the source's words are learned with the rest. A source word that is rare, or
/// holds white space, has none.
/// </para>
/// <para><b>Output.</b> See <see cref="TranslationTransformer"/>.</para>
/// <para><b>Loss, training data, randomness.</b> As for <see cref="CoVeEstimator"/>; the rows are read once.</para>
/// <para><b>Fit.</b> Learns from all rows that have a text and its translation.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are too few pairs for two batches, or more than MaxPairs; no word occurs MinSourceCount or MinTargetCount times; the loss or a weight is not finite;
/// the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class TranslationEstimator : TechniqueEstimator<TranslationTransformer, TranslationOptions>
{
    private readonly TranslationOutputs _outputs;

    internal TranslationEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, TranslationOptions? options)
        : base(environment, options) => _outputs = TranslationOutputs.Of(Named(outputColumnName), Named(inputColumnName), Options.Outputs());

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_outputs.InputColumnName), new TextColumn(Options.TargetColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [_outputs.Column()];

    private protected override TranslationTransformer Fit(IDataView input, IChannel channel)
    {
        var training = new TranslationTraining(Environment, _outputs.InputColumnName, Options);
        TrainedTranslation trained = training.Run(input, (source, _) => SourceWords.Learned(source, Options, Check));
        FastTextModel vectors = VectorFile.ModelOf(trained.Words.Entries(), trained.LearnedVectors![trained.Words.Size..], trained.Words.Size);
        return new TranslationTransformer(Environment, new(_outputs, new EncoderModel(trained.Encoder, trained.EncoderWeights, vectors), trained.Decoder));
    }
}
