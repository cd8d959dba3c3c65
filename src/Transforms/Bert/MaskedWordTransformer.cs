using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.WordPieces;

[assembly: LoadableModel<MaskedWordTransformer>("MaskedWords")]

namespace MLNet.Papers;

/// <summary>Says for each mark in a text which pieces of words may stand there.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, section 3.1, task 1.</para>
/// <para><b>Input.</b> A text, or a vector of texts, the words of one, with <see cref="Mark"/> for each hidden piece.</para>
/// <para><b>Output.</b> Two vectors with K values for each mark (the dimensions of their types are 0, for any number of marks, and K): the pieces, the
/// likeliest first, and under the name of the column with ".Probability" behind it their probabilities among all pieces that the model knows. A piece that goes
/// on a word has "##" before it. A text without marks has none. A text that is longer than the model reads is cut: marks behind the cut have empty texts and
/// the probability 0.</para>
/// <para><b>Cost.</b> That of the encoder for each text with marks, and H · (H + V) multiply-adds for each mark. On a CPU the values do not depend on what else
/// is scored.</para>
/// </remarks>
public sealed class MaskedWordTransformer : ScoringTransformer, ISavedTransformer<MaskedWordTransformer>
{
    private readonly State _state;
    private readonly LazyScorer<BertScorer> _scorer;
    private readonly Lazy<MaskedWordArchitecture.Kernel> _head;

    internal MaskedWordTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        _scorer = new(() => BertScorer.Create(state.Model.Architecture, state.Model.Weights, TorchDevice.Of(environment)));
        _head = new(() => state.Head.ToKernel(state.Model));
    }

    /// <summary>The name of the column of texts.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <summary>The name of the column of pieces.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    /// <summary>What stands for a hidden piece.</summary>
    public string Mark => _state.Mark;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    /// <summary>The columns.</summary>
    /// <param name="outputColumnName">The name of the first.</param>
    /// <param name="count">K.</param>
    internal static OutputColumn[] Columns(string outputColumnName, int count) =>
        [
            new(outputColumnName, new VectorDataViewType(TextDataViewType.Instance, 0, count)),
            new($"{outputColumnName}.Probability", new VectorDataViewType(NumberDataViewType.Single, 0, count)),
        ];

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => Columns(OutputColumnName, _state.Count);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(this, input, active, capacity);

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    [Block("outputs")]
    internal sealed record State(string OutputColumnName, string InputColumnName, string Mark, int Count, BertModel Model, MaskedWordHead Head) : IModelRecord
    {
        public string? FindFault()
        {
            if (string.IsNullOrWhiteSpace(Mark) || Count < 1 || Count > Model.Vocabulary.Count)
                return "Block 'outputs' has no mark, or a count that does not fit the vocabulary.";
            return Model.Vocabulary.Mask < 0 ? "Block 'vocabulary' has no piece [MASK]." : Head.FindFault(Model.Architecture);
        }
    }

    private sealed class Session : ScoringSession
    {
        private readonly MaskedWordTransformer _transformer;
        private readonly LabelValues<ReadOnlyMemory<char>> _texts;
        private readonly MarkedText _reader;
        private readonly VariableVectorOutputBuffer<ReadOnlyMemory<char>>? _words;
        private readonly VariableVectorOutputBuffer<float>? _probabilities;
        private readonly (int[] Pieces, int[] Places)[] _rows;
        private readonly List<int> _pieces = [];
        private readonly List<int> _places = [];
        private readonly BertBatch _batch = new();
        private int _read;

        public Session(MaskedWordTransformer transformer, DataViewRow input, bool[] active, int capacity)
        {
            State state = transformer._state;
            _transformer = transformer;
            _texts = LabelValues.Reader<ReadOnlyMemory<char>>(input, input.Schema[state.InputColumnName]);
            _reader = new(new WordPieceTokenizer(state.Model.Vocabulary, state.Model.Rules), state.Mark);
            _words = active[0] ? OutputBuffer.Variable<ReadOnlyMemory<char>>(capacity) : null;
            _probabilities = active[1] ? OutputBuffer.Variable<float>(capacity) : null;
            _rows = new (int[], int[])[capacity];
            Outputs = [_words, _probabilities];
        }

        public override IReadOnlyList<OutputBuffer?> Outputs { get; }

        public override bool IsFull => _read >= BertSession.MostPieces;

        public override void ReadRow(int slot)
        {
            BertModel model = _transformer._state.Model;
            _pieces.Clear();
            _places.Clear();
            _pieces.Add(model.Vocabulary.Classification);
            foreach (ReadOnlyMemory<char> text in _texts())
                _reader.Read(text.Span, _pieces, _places);
            int most = model.MaxLength - 1;
            if (_pieces.Count > most)
                _pieces.RemoveRange(most, _pieces.Count - most);
            _pieces.Add(model.Vocabulary.Separator);
            _rows[slot] = ([.. _pieces], [.. _places]);
            _read += _pieces.Count;
        }

        public override void Score(int count)
        {
            BertModel model = _transformer._state.Model;
            (int layers, int size) = (model.Architecture.Layers, model.Architecture.HiddenSize);
            _batch.Clear();
            _read = 0;
            var slots = new List<int>();
            for (int slot = 0; slot < count; slot++)
            {
                (int[] pieces, int[] places) = _rows[slot];
                int values = places.Length * _transformer._state.Count;
                _words?[slot] = values == 0 ? [] : new ReadOnlyMemory<char>[values];
                _probabilities?[slot] = values == 0 ? [] : new float[values];
                if (places.Length == 0 || places[0] >= pieces.Length - 1)
                    continue;
                _batch.Add(pieces);
                slots.Add(slot);
            }

            if (slots.Count == 0)
                return;
            MaskedWordArchitecture.Kernel head = _transformer._head.Value;
            _transformer._scorer.Value.Run(_batch, layers, layers, (text, result) =>
            {
                (int[] pieces, int[] places) = _rows[slots[text]];
                for (int mark = 0; mark < places.Length && places[mark] < pieces.Length - 1; mark++)
                    Predict(slots[text], mark, result[layers].Slice(places[mark] * size, size), head);
            });
        }

        private void Predict(int slot, int mark, ReadOnlySpan<float> state, MaskedWordArchitecture.Kernel head)
        {
            WordPieceVocabulary vocabulary = _transformer._state.Model.Vocabulary;
            using var scratch = new Scratch(_transformer._state.Model.Architecture.Pieces);
            head.Predict(state, scratch.Span);
            // The network may have vectors for more pieces than there are.
            Span<float> probabilities = scratch.Span[..vocabulary.Count];
            int most = _transformer._state.Count;
            for (int rank = 0; rank < most; rank++)
            {
                int likeliest = TensorPrimitives.IndexOfMax<float>(probabilities);
                if (_words is not null)
                    _words[slot][(mark * most) + rank] = vocabulary[likeliest].AsMemory();
                if (_probabilities is not null)
                    _probabilities[slot][(mark * most) + rank] = probabilities[likeliest];
                probabilities[likeliest] = -1;
            }
        }
    }
}
