using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.CoVe;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

[assembly: LoadableModel<CoVeTransformer>("CoVe")]
[assembly: UsesTechnique("CoVe", "FastText", "section 4: the encoder reads word vectors that were learned before, fastText's where the paper has GloVe's")]

namespace MLNet.Papers;

/// <summary>
/// Turns texts into vectors of their tokens that depend on the whole text, with the encoder of a translation model, and into one vector of the text.
/// </summary>
/// <remarks>
/// <para><b>Source.</b> McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107, sections 3.1
/// and 4.</para>
/// <para><b>Input.</b> A vector of texts, the tokens; or a text, whose tokens are what stands between white space. Upper and lower case differ. A word that has
/// no vector is read as zeros. A text of more than 1,000 tokens is read in pieces of 1,000, each as if it were a text of its own.</para>
/// <para><b>Output.</b> A vector of Single: the word's own vector (E values) unless it is left out, then 2H values for each layer that is put out, H forward
/// and H backward; twice as many with <see cref="Pooling.FirstLast"/>. On request, a vector of the tokens' vectors one after the other (its type has the
/// dimensions 0, for any number of tokens, and that of a token), and a vector of the tokens. A text without tokens has zeros and no tokens.</para>
/// <para><b>ONNX.</b> The graph reads what the words' table gives, which is not in it. Inputs: the name of <see cref="InputColumnName"/>, Single (batch, time,
/// E), the vectors of the tokens (<see cref="WordVectors"/>) with anything behind the end of a text; and that name with "Lengths" behind it, Int64 (batch, 1),
/// how many tokens each text has, from 0 to time. Outputs: <see cref="OutputColumnName"/>, Single (batch, size); and, where the transformer has such a column,
/// the tokens' vectors, Single (batch, time, size), with zeros behind the end of a text. It does not cut long texts. ML.NET's ApplyOnnxModel takes a free axis
/// for one of length 1: give it the shapes, with a fixed time, that texts are padded to.</para>
/// <para><b>Cost.</b> On a CPU, in multiply-adds: 8 · H · (E + H) a token for the first layer, 24 · H² for each other. The values do not depend on what else is
/// scored.</para>
/// </remarks>
public sealed class CoVeTransformer : ExportableTransformer, ISavedTransformer<CoVeTransformer>
{
    private readonly State _state;
    private readonly LazyScorer<EncoderScorer> _scorer;

    internal CoVeTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        BatchSize = TokenVectorSession.BatchSize(TokenVectorSize);
        _scorer = new LazyScorer<EncoderScorer>(() => EncoderScorer.Create(state.Encoder, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of texts.</summary>
    public string InputColumnName => _state.Outputs.InputColumnName;

    /// <summary>The name of the column of the texts' vectors.</summary>
    public string OutputColumnName => _state.Outputs.OutputColumnName;

    /// <summary>The layers of the encoder.</summary>
    public int LayerCount => _state.Encoder.Architecture.Layers;

    /// <summary>The length of a token's vector in the output.</summary>
    public int TokenVectorSize => _state.Outputs.TokenSize(_state.Encoder.Architecture);

    /// <summary>How many numbers the encoder was trained to have; the word vectors are not among them.</summary>
    public long ParameterCount => _state.Encoder.Architecture.ParameterCount;

    /// <summary>The vectors of the words that the encoder reads, which its training did not change.</summary>
    public FastTextModel WordVectors => _state.Encoder.WordVectors;

    /// <summary>Whether the decoder was kept that translating needs.</summary>
    public bool HasDecoder => _state.Decoder is not null;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal EncoderModel Encoder => _state.Encoder;

    internal DecoderModel? Decoder => _state.Decoder;

    /// <summary>A transformer with the same network and other outputs.</summary>
    /// <param name="outputColumnName">The column that receives the texts' vectors.</param>
    /// <param name="inputColumnName">The column of texts.</param>
    /// <param name="options">What is put out; null for the defaults.</param>
    /// <returns>The transformer, to be disposed by the caller. This one is not affected.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or two columns have the same name.</exception>
    public CoVeTransformer WithOutputs(string outputColumnName, string inputColumnName, CoVeOutputOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        options ??= new();
        options.Validate();
        return new CoVeTransformer(Environment, _state with { Outputs = CoVeOutputs.Of(outputColumnName, inputColumnName, options) });
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        _state.Outputs.TokenColumns().Create(TokenVectorSize, slot => _state.Outputs.SlotName(_state.Encoder.Architecture, slot));

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(this, input, active, capacity);

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    internal override void ToOnnx(OnnxGraph graph)
    {
        EncoderArchitecture architecture = _state.Encoder.Architecture;
        OnnxValue words = graph.Input(InputColumnName, OnnxType.Single, OnnxGraph.Batch, OnnxGraph.Time, architecture.EmbeddingSize);
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, InputColumnName);
        OnnxValue tokens = _state.Outputs.ToOnnx(graph, words, architecture.ToOnnx(graph, words, lengths, _state.Encoder.Weights));
        _state.Outputs.TokenColumns().ToOnnx(graph, tokens, lengths, TokenVectorSize);
    }

    /// <summary>All that the transformer is made of; saved as it stands here, the word vectors last.</summary>
    [Block("outputs")]
    internal sealed record State(CoVeOutputs Outputs, EncoderModel Encoder, DecoderModel? Decoder) : IModelRecord
    {
        [Saved]
        public bool HasDecoder => Decoder is not null;

        public string? FindFault() => Enum.IsDefined(Outputs.Pooling) && Enum.IsDefined(Outputs.OutputLayers)
            ? Decoder?.FindFault(Encoder.Architecture)
            : $"Block 'outputs' names the pooling {Outputs.Pooling} and the layers {Outputs.OutputLayers}, which this version of MLNet.Papers does not know.";
    }

    private sealed class Session(CoVeTransformer transformer, DataViewRow input, bool[] active, int capacity)
        : TokenVectorSession(transformer._state.Outputs.TokenColumns(), transformer.TokenVectorSize, EncoderArchitecture.LongestText, input, active, capacity)
    {
        protected override void Run(IReadOnlyList<string[]> pieces, Action<int, TokenWriter> receive) =>
            transformer._scorer.Value.Run(pieces, (number, sentence) =>
                receive(number, (token, vector) => transformer._state.Outputs.WriteToken(transformer._state.Encoder.Architecture, sentence, token, vector)));
    }
}
