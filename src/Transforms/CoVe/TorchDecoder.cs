using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>The decoder on a GPU, by torch.</summary>
internal sealed class TorchDecoder : DecoderScorer
{
    private readonly Dictionary<string, Tensor> _weights;
    private readonly Decoder _decoder;
    private readonly Device _device;

    public TorchDecoder(DecoderModel model, Device device)
        : base(model)
    {
        _device = device;
        _weights = TorchScorer.Weights(model.Architecture.AllWeights(), model.Weights, device);
        _decoder = new Decoder(model.Architecture, name => _weights[name]);
    }

    protected override bool IsParallel => false;

    public override bool IsNative => true;

    public override void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }

    public override DecoderRun Start(EncodedSentence[] sentences) => new Run(this, sentences);

    private sealed class Run : DecoderRun
    {
        private readonly TorchDecoder _scorer;
        private readonly int[] _lengths;
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly AttentionMemory _memory;
        private RecurrentState[] _states;
        private Tensor _attentional;
        private float[] _logits = [];
        private float[] _attention = [];
        private int[] _rowLengths = [];

        public Run(TorchDecoder scorer, EncodedSentence[] sentences)
        {
            using IDisposable inference = inference_mode();
            _scorer = scorer;
            _lengths = Array.ConvertAll(sentences, sentence => sentence.Tokens.Length);
            int size = scorer.Model.Architecture.StateSize, rows = sentences.Length;
            var batch = new RightAlignedBatch(_lengths, 1, scorer._device);
            float[] top = new float[batch.Steps * rows * size];
            for (int row = 0; row < rows; row++)
            {
                for (int token = 0; token < _lengths[row]; token++)
                    sentences[row].CopyToken(scorer.Model.Architecture.Layers - 1, token, top.AsSpan(batch.Place(row, token) * size));
            }

            _memory = scorer._decoder.Remember(tensor(top, [batch.Steps, rows, size]).to(scorer._device), batch.Blocked);
            _states = [.. Enumerable.Range(0, scorer.Model.Architecture.Layers).Select(layer =>
            {
                float[] hidden = new float[rows * size], cells = new float[rows * size];
                for (int row = 0; row < rows; row++)
                    sentences[row].CopyFinal(layer, hidden.AsSpan(row * size, size), cells.AsSpan(row * size, size));

                return new RecurrentState(tensor(hidden, [1, rows, size]).to(scorer._device), tensor(cells, [1, rows, size]).to(scorer._device));
            })];
            _attentional = zeros(rows, size).to(scorer._device);
        }

        public override void Step(ReadOnlySpan<int> parents, ReadOnlySpan<int> sentences, ReadOnlySpan<int> words)
        {
            using IDisposable inference = inference_mode();
            using DisposeScope scope = NewDisposeScope();
            Tensor before = Index(parents), own = Index(sentences);
            var memory = new AttentionMemory(_memory.Values.index_select(0, own), _memory.Keys.index_select(0, own), _memory.Blocked?.index_select(0, own));
            RecurrentState[] states =
            [
                .. _states.Select(state => new RecurrentState(state.Hidden.index_select(1, before), state.Cell.index_select(1, before))),
            ];
            (RecurrentState[] after, Tensor said, Tensor attention) = _scorer._decoder.Step(memory, states, _attentional.index_select(0, before), Index(words));
            _logits = Values(_scorer._decoder.Logits(said));
            _attention = Values(attention);
            _rowLengths = [.. sentences.ToArray().Select(sentence => _lengths[sentence])];
            foreach (Tensor former in _states.SelectMany(state => new[] { state.Hidden, state.Cell }).Append(_attentional))
                former.Dispose();
            _states = [.. after.Select(state => new RecurrentState(state.Hidden.MoveToOtherDisposeScope(_scope), state.Cell.MoveToOtherDisposeScope(_scope)))];
            _attentional = said.MoveToOtherDisposeScope(_scope);
        }

        public override Span<float> Logits(int row) => _logits.AsSpan(row * _scorer.Model.Architecture.Words, _scorer.Model.Architecture.Words);

        public override float[] Attention(int row)
        {
            int steps = _attention.Length / _rowLengths.Length;
            return _attention[(((row + 1) * steps) - _rowLengths[row])..((row + 1) * steps)];
        }

        public override void Dispose() => _scope.Dispose();

        private Tensor Index(ReadOnlySpan<int> numbers) => tensor(numbers.ToArray(), dtype: ScalarType.Int64).to(_scorer._device);

        private static float[] Values(Tensor values) => values.cpu().contiguous().data<float>().ToArray();
    }
}
