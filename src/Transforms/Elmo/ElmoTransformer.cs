using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Elmo;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

[assembly: LoadableModel<ElmoTransformer>("Elmo")]

namespace MLNet.Papers;

/// <summary>Turns texts into vectors of their tokens that depend on the whole text, and into one vector of the text.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters, Neumann, Iyyer, Gardner, Clark, Lee and Zettlemoyer, "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365,
/// section 3.</para>
/// <para><b>Input.</b> A vector of texts, the tokens; or a text, whose tokens are what stands between white space. Upper and lower case differ. Of a token's
/// UTF-8 bytes only the first ones are read, as many as the model was made for. A text of more than 512 tokens is read in pieces of 512, each as if it were a
/// text of its own.</para>
/// <para><b>Output.</b> A vector of Single with a value for each dimension of a token's vector: P forward and P backward, those of each layer in turn with
/// <see cref="ElmoRepresentation.AllLayers"/>; twice as many with <see cref="Pooling.FirstLast"/>. On request, a vector of the tokens' vectors one after the
/// other (its type has the dimensions 0, for any number of tokens, and that of a token), and a vector of the tokens. A text without tokens has zeros and no
/// tokens.</para>
/// <para><b>ONNX.</b> Inputs: the name of <see cref="InputColumnName"/>, Int64 (batch, time, M), the characters of each token: 259, then the UTF-8 bytes, each
/// and 1, at most M - 2 of them, then 260, and 261 for the rest (0 does where there is no token); and that name with "Lengths" behind it, Int64 (batch, 1), how
/// many tokens each text has, from 0 to time. Outputs: <see cref="OutputColumnName"/>, Single (batch, size); and, where the transformer has such a column, the
/// tokens' vectors, Single (batch, time, size), with zeros behind the end of a text. It does not cut long texts. ML.NET's ApplyOnnxModel takes a free axis for
/// one of length 1: give it the shapes, with a fixed time, that texts are padded to.</para>
/// <para><b>Cost.</b> On a CPU, in multiply-adds: 2 · layers · (8 · P · C + C · P) a token. The vectors that do not depend on the context are kept for the
/// tokens that came lately, in at most 128 MB. The values do not depend on what else is scored.</para>
/// </remarks>
public sealed class ElmoTransformer : ExportableTransformer, ISavedTransformer<ElmoTransformer>
{
    private readonly State _state;
    private readonly LazyScorer<ElmoScorer> _scorer;

    internal ElmoTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        BatchSize = TokenVectorSession.BatchSize(TokenVectorSize);
        _scorer = new LazyScorer<ElmoScorer>(() => ElmoScorer.Create(state.Model.Architecture, state.Model.Weights, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of texts.</summary>
    public string InputColumnName => _state.Outputs.InputColumnName;

    /// <summary>The name of the column of the texts' vectors.</summary>
    public string OutputColumnName => _state.Outputs.OutputColumnName;

    /// <summary>The layers above the context-free one.</summary>
    public int LayerCount => _state.Model.Architecture.Layers;

    /// <summary>The length of a token's vector in the output: 2P, or as often that as there are layers.</summary>
    public int TokenVectorSize => _state.Outputs.TokenSize(_state.Model.Architecture);

    /// <summary>How many numbers the network was trained to have, those that predict words not counted.</summary>
    public long ParameterCount => _state.Model.Architecture.ParameterCount;

    /// <summary>Whether the words and their weights were kept that <see cref="EvaluateLanguageModel"/> needs.</summary>
    public bool HasLanguageModel => _state.LanguageModel is not null;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal ElmoModel Model => _state.Model;

    internal ElmoLanguageModel? LanguageModel => _state.LanguageModel;

    /// <summary>A transformer with the same network and other outputs.</summary>
    /// <param name="outputColumnName">The column that receives the texts' vectors.</param>
    /// <param name="inputColumnName">The column of texts.</param>
    /// <param name="options">What is put out; null for the defaults.</param>
    /// <returns>The transformer, to be disposed by the caller. This one is not affected.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or there are not as many weights as layers.</exception>
    public ElmoTransformer WithOutputs(string outputColumnName, string inputColumnName, ElmoOutputOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        options ??= new();
        options.Validate();
        return new ElmoTransformer(
            Environment, _state with { Outputs = ElmoOutputs.Of(outputColumnName, inputColumnName, (ElmoOutputOptions)options.Copy(), LayerCount) });
    }

    /// <summary>Measures how well both directions predict the words of texts, each text from zero states.</summary>
    /// <param name="data">Texts in the column <see cref="InputColumnName"/>.</param>
    /// <returns>The perplexity of each direction.</returns>
    /// <exception cref="InvalidOperationException">The language model was not kept (<c>KeepLanguageModel</c>), or there are no tokens.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public ElmoLanguageModelMetrics EvaluateLanguageModel(IDataView data)
    {
        ArgumentNullException.ThrowIfNull(data);
        new TextColumn(InputColumnName).Require(data.Schema);
        if (_state.LanguageModel is not { } languageModel)
            throw new InvalidOperationException("This model predicts no words: it was trained without KeepLanguageModel, or published without them.");
        return new PerplexityEvaluation(_state.Model, languageModel, _scorer.Value, TorchDevice.Of(Environment)).Evaluate(
            data, InputColumnName, () => Host.ThrowIfCanceled(Environment));
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        _state.Outputs.TokenColumns().Create(TokenVectorSize, slot => _state.Outputs.SlotName(_state.Model.Architecture, slot));

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        new ElmoSession(_state.Model, _scorer, _state.Outputs, input, active, capacity);

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue characters = _state.Model.Architecture.CharactersInOnnx(graph, InputColumnName);
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, InputColumnName);
        OnnxValue[] layers = _state.Model.Architecture.ToOnnx(graph, characters, lengths, _state.Model.Weights);
        _state.Outputs.TokenColumns().ToOnnx(graph, _state.Outputs.ToOnnx(graph, layers), lengths, TokenVectorSize);
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    [Block("outputs")]
    internal sealed record State(ElmoOutputs Outputs, ElmoModel Model, ElmoLanguageModel? LanguageModel) : IModelRecord
    {
        [Saved]
        public bool HasLanguageModel => LanguageModel is not null;

        public string? FindFault()
        {
            if (Outputs.MixWeights.Length != Model.Architecture.Layers + 1 || !Enum.IsDefined(Outputs.Pooling) || !Enum.IsDefined(Outputs.Representation))
                return "Block 'outputs' does not fit the network.";
            return LanguageModel is { Size: var size } && size != Model.Architecture.ProjectionSize ? "Block 'softmax.weight' does not fit the network." : null;
        }
    }
}
