using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<BertTaggerTransformer>("BertTagger")]

namespace MLNet.Papers;

/// <summary>Gives each token of a text a label, such as its part of speech, with an encoder that was fine-tuned for that.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3.2 and 5.3: a token is judged by its first piece.</para>
/// <para><b>Input.</b> A vector of texts, the tokens; or a text, whose tokens are what stands between white space. A text of more than
/// <see cref="BertTaskTransformer.MaxLength"/> pieces is read in parts, each as if it were a text of its own. A token without pieces is unknown.</para>
/// <para><b>Output.</b> PredictedLabel: a vector of keys, one for each token. Score: a vector of Single, for each token p(label | text) in key order; its type
/// has the dimensions 0, for any number of tokens, and that of the labels.</para>
/// <para><b>ONNX.</b> The graph reads the numbers of pieces. Inputs: the name of <see cref="TokensColumnName"/>, Int64 (batch, time), the pieces of each text
/// with the marks, and any piece behind its end; that name with "Lengths" behind it, Int64 (batch, 1), how many pieces there are; and that name with "Words"
/// behind it, Int64 (batch, words, 2), the place of each token's first piece and the place behind its last one, which are the same where there is no token.
/// Outputs: Score, Single (batch, words, labels), and PredictedLabel, UInt32 (batch, words), with zeros where there is no token. It does not cut long
/// texts.</para>
/// </remarks>
public sealed class BertTaggerTransformer : BertTaskTransformer, ISavedTransformer<BertTaggerTransformer>
{
    private const string Words = "words";

    private readonly State _state;

    internal BertTaggerTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Model) => _state = state;

    /// <summary>The name of the column of tokens.</summary>
    public string TokensColumnName => _state.TokensColumnName;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(TokensColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => TokenLabelColumns.Create(_state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        new Session(_state, Scorer, new(Model, input, TokensColumnName), capacity);

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue pieces = graph.Input(TokensColumnName, OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time);
        OnnxValue words = graph.Input($"{TokensColumnName}Words", OnnxType.Int64, OnnxGraph.Batch, Words, 2), zero = graph.Integers(0);
        EncoderInOnnx encoder = AddEncoder(graph, TokensColumnName, pieces, segments: null);
        OnnxValue first = graph.Slice(words, axis: 2, start: 0, end: 1), isWord = graph.Node("Less", [first, graph.Slice(words, axis: 2, start: 1)]);
        OnnxValue firsts = graph.Node("GatherND", [encoder.Top, graph.Node("Where", [isWord, first, zero])], ("batch_dims", 1L));  // (B, W, H)
        OnnxValue score = graph.Softmax(_state.Head.ToOnnx(graph, firsts));
        graph.Output(MulticlassColumns.Score, graph.Node("Where", [isWord, score, graph.Number(0)]), OnnxGraph.Batch, Words, _state.Labels.Count);
        OnnxValue keys = graph.Convert(graph.KeyOfGreatest(score, axis: 2), OnnxType.Int64);
        OnnxValue own = graph.Squeeze(graph.Node("Where", [isWord, keys, zero]), 2);
        graph.Output(MulticlassColumns.PredictedLabel, OnnxType.UInt32, graph.Convert(own, OnnxType.UInt32), OnnxGraph.Batch, Words);
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string TokensColumnName, BertModel Model, LinearHead Head, ClassLabels Labels) : IModelRecord
    {
        public string? FindFault() => Labels.FindFault(Head.Architecture) ?? (Head.Architecture.Size == Model.Architecture.HiddenSize
            ? null
            : $"Block 'head' reads vectors of {Head.Architecture.Size} numbers, but a piece has {Model.Architecture.HiddenSize}.");
    }

    private sealed class Session(State state, BertScorer scorer, BertWordReader reader, int capacity) : ScoringSession
    {
        private readonly VariableVectorOutputBuffer<uint> _predictedLabel = OutputBuffer.Variable<uint>(capacity);
        private readonly VariableVectorOutputBuffer<float> _score = OutputBuffer.Variable<float>(capacity);
        private readonly List<WordPart> _parts = [];
        private readonly List<int> _slots = [];

        public override IReadOnlyList<OutputBuffer?> Outputs => [_predictedLabel, _score];

        public override bool IsFull => reader.Texts.Batch.Total >= BertSession.MostPieces;

        public override void ReadRow(int slot)
        {
            if (slot == 0)
            {
                reader.Texts.Clear();
                _parts.Clear();
                _slots.Clear();
            }

            int words = reader.Read(_parts);
            (_predictedLabel[slot], _score[slot]) = (new uint[words], new float[checked(words * state.Labels.Count)]);
            while (_slots.Count < _parts.Count)
                _slots.Add(slot);
        }

        public override void Score(int count)
        {
            int top = state.Model.Architecture.Layers, size = state.Model.Architecture.HiddenSize, labels = state.Labels.Count;
            scorer.Run(reader.Texts.Batch, top, top, (text, layers) =>
            {
                WordPart part = _parts[text];
                using var firsts = new Scratch(part.Words * size);
                for (int word = 0; word < part.Words; word++)
                    layers[top].Slice(reader.Texts.PlacesOf(text, word).First * size, size).CopyTo(firsts.Span[(word * size)..]);
                Span<float> scores = _score[_slots[text]].AsSpan(part.FirstWord * labels, part.Words * labels);
                state.Head.Probabilities(firsts.Span, part.Words, scores);
                for (int word = 0; word < part.Words; word++)
                {
                    _predictedLabel[_slots[text]][part.FirstWord + word] =
                        (uint)TensorPrimitives.IndexOfMax<float>(scores.Slice(word * labels, labels)) + 1;
                }
            });
        }
    }
}
