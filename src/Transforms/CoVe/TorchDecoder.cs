using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>Translates on a GPU, by torch.</summary>
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
        private DecoderState _state;
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
                float[] own = scorer.Top(sentences[row]);
                for (int token = 0; token < _lengths[row]; token++)
                    own.AsSpan(token * size, size).CopyTo(top.AsSpan(batch.Place(row, token) * size));
            }

            _memory = scorer._decoder.Remember(tensor(top, [batch.Steps, rows, size]).to(scorer._device), batch.Blocked);
            _state = Decoder.Begin(Array.ConvertAll(scorer.Final(sentences), layer => new RecurrentState(State(layer.Hidden), State(layer.Cells))));

            Tensor State(float[] values) => tensor(values, [1, rows, size]).to(scorer._device);
        }

        public override void Step(ReadOnlySpan<int> parents, ReadOnlySpan<int> sentences, ReadOnlySpan<int> words)
        {
            using IDisposable inference = inference_mode();
            using DisposeScope scope = NewDisposeScope();
            Tensor own = Index(sentences);
            (DecoderState state, Tensor attention) = _scorer._decoder.Step(_memory.Of(own), _state.Of(Index(parents)), Index(words));
            _logits = Values(_scorer._decoder.Logits(state.Said));
            _attention = Values(attention);
            _rowLengths = [.. sentences.ToArray().Select(sentence => _lengths[sentence])];
            foreach (Tensor former in _state.Tensors)
                former.Dispose();
            foreach (Tensor kept in state.Tensors)
                kept.MoveToOtherDisposeScope(_scope);
            _state = state;
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
