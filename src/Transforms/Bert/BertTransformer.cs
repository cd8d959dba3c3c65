using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

[assembly: LoadableModel<BertTransformer>("Bert")]
[assembly: UsesTechnique("Bert", "WordPieces", "section 3: the encoder reads WordPiece embeddings")]

namespace MLNet.Papers;

/// <summary>
/// Turns texts into one vector each, and into vectors of their words that depend on the whole text, with a transformer that was trained before.
/// </summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, section 3.</para>
/// <para><b>Input.</b> A text; or a vector of texts, its words. The model's rules cut it into pieces, between the marks [CLS] and [SEP]. What is beyond
/// <see cref="MaxLength"/> pieces is not read; a warning says of how many texts.</para>
/// <para><b>Output.</b> A vector of Single, H for each layer that is put out; twice as many with <see cref="Pooling.FirstLast"/>. A text without pieces has
/// the marks alone. On request, a vector of the words' vectors one after the other (its type has the dimensions 0, for any number of words, and that of a
/// word), and a vector of the words, which are what stands between white space where they are not given. A word that was not read, or of whose characters the
/// rules leave nothing in a text, has zeros; one that is given and has no pieces is unknown.</para>
/// <para><b>ONNX.</b> The graph reads the numbers of pieces. Inputs: the name of <see cref="InputColumnName"/>, Int64 (batch, time), the pieces of each text
/// with its marks, and any piece behind its end; that name with "Lengths" behind it, Int64 (batch, 1), how many pieces each text has, from 1 to time; and,
/// where the transformer has a column of words' vectors, that name with "Words" behind it, Int64 (batch, words, 2), the place of each word's first piece and
/// the place behind its last one, which are the same where there is no such word. Outputs: <see cref="OutputColumnName"/>, Single (batch, size), and the
/// words' vectors, Single (batch, words, size), with zeros where there is no word. ML.NET's ApplyOnnxModel takes a free axis for one of length 1: give it the
/// shapes, with a fixed time, that texts are padded to.</para>
/// <para><b>Cost.</b> On a CPU, in multiply-adds: layers · (4 · H² + 2 · H · inner size + 2 · H · pieces of the text) a piece. The values do not depend on what
/// else is scored. The weights are held in memory as they are saved and, once scored with on a CPU, again in the kernels' order, once for all transformers of
/// one model and all their engines.</para>
/// </remarks>
public sealed class BertTransformer : ExportableTransformer, ISavedTransformer<BertTransformer>
{
    private readonly State _state;
    private readonly LazyScorer<BertScorer> _scorer;

    internal BertTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        BatchSize = BertSession.BatchSize(TokenVectorSize);
        _scorer = new LazyScorer<BertScorer>(() => BertScorer.Create(state.Model.Architecture, state.Model.Weights, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of texts.</summary>
    public string InputColumnName => _state.Outputs.InputColumnName;

    /// <summary>The name of the column of the texts' vectors.</summary>
    public string OutputColumnName => _state.Outputs.OutputColumnName;

    /// <summary>How the vectors of the pieces become that of a text.</summary>
    public Pooling Pooling => _state.Outputs.Pooling;

    /// <summary>How many blocks the network has.</summary>
    public int LayerCount => _state.Model.Architecture.Layers;

    /// <summary>H, the length of a vector in one layer.</summary>
    public int HiddenSize => _state.Model.Architecture.HiddenSize;

    /// <summary>The length of a word's vector in the output: H, or as often that as there are layers in it.</summary>
    public int TokenVectorSize => _state.Outputs.TokenSize(_state.Model.Architecture);

    /// <summary>The most pieces of a text that are read, with its marks.</summary>
    public int MaxLength => _state.Model.MaxLength;

    /// <summary>How many pieces the model knows.</summary>
    public int VocabularySize => _state.Model.Vocabulary.Count;

    /// <summary>How many numbers the encoder was trained to have.</summary>
    public long ParameterCount => _state.Model.Architecture.ParameterCount;

    /// <summary>Whether there is what predicts hidden pieces, which <see cref="EvaluateMaskedWords"/> and <c>PredictMaskedWords</c> need.</summary>
    public bool HasMaskedWordHead => _state.Head is not null;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal BertModel Model => _state.Model;

    internal MaskedWordHead? Head => _state.Head;

    /// <summary>A transformer with the same network and other outputs.</summary>
    /// <param name="outputColumnName">The column that receives the texts' vectors.</param>
    /// <param name="inputColumnName">The column of texts, or of vectors of words.</param>
    /// <param name="options">What is put out; null for the defaults.</param>
    /// <returns>The transformer, to be disposed by the caller. This one is not affected.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, there is no such layer, or two columns have the same name.</exception>
    public BertTransformer WithOutputs(string outputColumnName, string inputColumnName, BertOutputOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        options ??= new();
        options.Validate();
        return new BertTransformer(Environment, _state with { Outputs = BertOutputs.Of(outputColumnName, inputColumnName, options, Model) });
    }

    /// <summary>Measures how well hidden pieces of texts are predicted. Each text is by itself, and cut where it is too long.</summary>
    /// <param name="data">Texts in the column <see cref="InputColumnName"/>, or of vectors of words.</param>
    /// <param name="seed">Says which pieces are hidden: 15 % of them, as in the published training.</param>
    /// <returns>The loss, and the part that is predicted right.</returns>
    /// <exception cref="InvalidOperationException">
    /// What predicts pieces was not kept (<c>KeepMaskedWordHead</c>) or published, or there are no pieces.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public MaskedWordMetrics EvaluateMaskedWords(IDataView data, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        new TextColumn(InputColumnName).Require(data.Schema);
        MaskedWordHead head = MaskedWordHead.Require(_state.Head);
        return new MaskedWordEvaluation(Model, head, _scorer.Value, seed).Evaluate(data, InputColumnName, () => Host.ThrowIfCanceled(Environment));
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        _state.Outputs.TokenColumns().Create(TokenVectorSize, slot => _state.Outputs.SlotName(Model.Architecture, slot));

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        new BertSession(WarnOnce, Model, _scorer, _state.Outputs, input, active, capacity);

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue pieces = graph.Input(InputColumnName, OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time);
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, InputColumnName);
        BertArchitecture used = Model.Architecture with { Layers = _state.Outputs.Highest };
        OnnxValue? words = _state.Outputs.WordsInOnnx(graph);
        OnnxValue[] layers = used.ToOnnx(graph, pieces, segments: null, lengths, graph.Weights(used.Weights(), Model.Weights).Invoke);
        _state.Outputs.ToOnnx(graph, layers, lengths, words, used);
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    [Block("outputs")]
    internal sealed record State(BertOutputs Outputs, BertModel Model, MaskedWordHead? Head = null) : IModelRecord
    {
        public string? FindFault() => Outputs.Lowest < 0 || Outputs.Lowest > Outputs.Highest || Outputs.Highest > Model.Architecture.Layers
            || !Enum.IsDefined(Outputs.Pooling) || !Enum.IsDefined(Outputs.WordVector)
            ? "Block 'outputs' does not fit the network." : Head?.FindFault(Model.Architecture);
    }
}
