using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Cactus;
using MLNet.Papers.Columns;
using MLNet.Papers.FewShot;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Maml;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<CactusTransformer>("Cactus")]
[assembly: UsesTechnique("Cactus", "PrototypicalNetworks", "CACTUs-ProtoNets: the learner of Algorithm 1 is a prototypical network (section 4)")]
[assembly: UsesTechnique("Cactus", "Maml", "CACTUs-MAML: the learner of Algorithm 1 is MAML (section 4), whose network from scratch is a baseline too")]

namespace MLNet.Papers;

/// <summary>Features that were learned from unlabelled rows, and the few-shot learner they were learned with.</summary>
/// <remarks>
/// <para><b>Source.</b> Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334.</para>
/// <para><b>Input.</b> A vector of Single of the length that was fitted; or images of any size, if the network reads images.</para>
/// <para><b>Output.</b> A vector of Single, the learned features: the embedding of the prototypical network, or the last hidden layer of MAML's initialization.
/// A row with a value that is not finite gets NaN.</para>
/// <para><b>Classes.</b> <see cref="WithSupport"/> makes a classifier from a few labelled rows, without training.</para>
/// </remarks>
public sealed class CactusTransformer : NetworkTransformer, ISavedTransformer<CactusTransformer>, ITaughtBySupport
{
    private readonly State _state;

    internal CactusTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Network.Features, state.Network.CreateScorer) => _state = state;

    /// <summary>The name of the column that is read.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <summary>The name of the column of features.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    /// <summary>The name of the column whose vectors were clustered, or null where the transformer embeds rows itself.</summary>
    public string? EmbeddingColumnName => _state.EmbeddingColumnName;

    /// <summary>What learned from the constructed tasks.</summary>
    public CactusLearner Learner => _state.Learner;

    /// <summary>The length of a feature vector.</summary>
    public int FeatureCount => _state.Network.Features.OutputSize;

    private protected override IEnumerable<InputColumn> Inputs => [Features];

    private protected override IModelRecord SavedState => _state;

    internal State Parts => _state;

    /// <summary>The column that is read.</summary>
    internal FeatureColumn Features => FeatureColumn.Of(InputColumnName, Network);

    /// <summary>A classifier for the classes of a few labelled rows, without training: by class means, or by MAML's gradient steps.</summary>
    /// <param name="support">
    /// Labelled rows with the columns <see cref="InputColumnName"/> and <paramref name="labelColumnName"/>; one row of a class is enough.
    /// </param>
    /// <param name="labelColumnName">The classes: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <returns>A new transformer with the columns PredictedLabel and Score, to be disposed by the caller. It can be saved, and taught more classes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A label is missing, a feature is not finite, or there are fewer than two classes with rows.</exception>
    public FewShotTransformer WithSupport(IDataView support, string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(support);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        LabelledRows rows = SupportSet.Read(support, Features, labelColumnName);
        return _state.Network.WithSupport(Environment, rows, InputColumnName, labelColumnName);
    }

    IHostEnvironment ITaughtBySupport.Environment => Environment;

    string ITaughtBySupport.DefaultLabelColumnName => "Label";

    FewShotTransformer ITaughtBySupport.Teach(IDataView support, string labelColumnName) => WithSupport(support, labelColumnName);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [OutputColumn.Embedding(_state.OutputColumnName, FeatureCount)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        VectorOutputBuffer<float> features = OutputBuffer.Vector<float>(capacity, FeatureCount);
        return CreateSession(Features.CreateReader(input), capacity, [features], (output, slot) => output.CopyTo(features[slot]));
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [new(OutputColumnName, _state.Network.ToOnnx(graph, rows), FeatureCount)];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="OutputColumnName">The column of features.</param>
    /// <param name="InputColumnName">The column that is read.</param>
    /// <param name="EmbeddingColumnName">The column that was clustered, or null.</param>
    /// <param name="Prototypes">The network, if it is a prototypical one.</param>
    /// <param name="Initialization">The network, if MAML learned it.</param>
    /// <param name="Space">What was clustered, where that is no column.</param>
    /// <param name="Centroids">The centroids of the clusters of the unscaled embeddings, (k, d); empty if there were none.</param>
    /// <param name="EmbeddingSize">d.</param>
    internal sealed record State(
        string OutputColumnName,
        string InputColumnName,
        string? EmbeddingColumnName,
        PrototypeNetwork? Prototypes,
        MamlNetwork? Initialization,
        EmbeddingSpace? Space,
        [Dimensions(nameof(State.Clusters), nameof(State.EmbeddingSize))] float[] Centroids,
        int EmbeddingSize) : IModelRecord
    {
        /// <summary>The one network that there is.</summary>
        public FewShotNetwork Network => (FewShotNetwork?)Prototypes ?? Initialization!;

        [Saved]
        public CactusLearner Learner => Prototypes is null ? CactusLearner.Maml : CactusLearner.PrototypicalNetwork;

        [Saved]
        public int Clusters => Centroids.Length / Math.Max(1, EmbeddingSize);

        public string? FindFault()
        {
            if (Prototypes is null == Initialization is null)
                return $"There must be a block '{PrototypeNetwork.Block}' or a block '{MamlNetwork.Block}', and not both.";
            if (EmbeddingSize < 1)
                return $"Block 'options' has clusters of {EmbeddingSize} values.";
            if (Space is null != EmbeddingColumnName is not null)
                return "Block 'options' must name a column of embeddings where there is no block 'architecture', and only there.";
            return Space is null || (Space.Architecture.InputSize == Network.Features.InputSize && Space.Architecture.OutputSize == EmbeddingSize)
                ? null
                : "Block 'architecture' does not fit the network.";
        }
    }
}
