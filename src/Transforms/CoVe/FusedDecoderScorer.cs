using System.Numerics.Tensors;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoVe;

/// <summary>The decoder on a CPU, in vectorised code of our own. Values do not depend on what else is translated.</summary>
internal sealed class FusedDecoderScorer : DecoderScorer
{
    private readonly DecoderArchitecture _architecture;
    private readonly float[] _embedding;
    private readonly FusedDense[] _gates;
    private readonly FusedDense _score;
    private readonly FusedDense _combine;
    private readonly FusedDense _output;

    public FusedDecoderScorer(DecoderModel model)
        : base(model)
    {
        (_architecture, NetworkWeights weights) = (model.Architecture, model.Weights);
        _embedding = weights["embedding"];
        _gates = [.. Enumerable.Range(0, _architecture.Layers).Select(layer => FusedDense.OfColumns(
            [.. weights[$"layers.{layer}.input"], .. layer == 0 && _architecture.InputFeeding ? weights["feeding"] : [], .. weights[$"layers.{layer}.recurrent"]],
            weights[$"layers.{layer}.bias"]))];
        _score = new FusedDense(weights["score"], new float[_architecture.StateSize], rectify: false);
        _combine = FusedDense.OfColumns(weights["combine"], new float[_architecture.StateSize]);
        _output = new FusedDense(weights["weight"], weights["bias"], rectify: false);
    }

    protected override bool IsParallel => Environment.ProcessorCount > 1;

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    public override DecoderRun Start(EncodedSentence[] sentences) => new Run(this, sentences);

    private sealed class Run : DecoderRun
    {
        private readonly FusedDecoderScorer _scorer;
        private readonly EncodedSentence[] _sentences;
        private readonly int _size;
        private readonly int _inputSize;
        private float[][] _hidden;
        private float[][] _cells;
        private float[] _attentional;
        private float[][] _attention = [];
        private float[] _logits = [];

        public Run(FusedDecoderScorer scorer, EncodedSentence[] sentences)
        {
            (_scorer, _sentences, _size) = (scorer, sentences, scorer._architecture.StateSize);
            _inputSize = scorer._architecture.EmbeddingSize + (scorer._architecture.InputFeeding ? _size : 0);
            _attentional = new float[sentences.Length * _size];
            _hidden = new float[scorer._architecture.Layers][];
            _cells = new float[scorer._architecture.Layers][];
            for (int layer = 0; layer < _hidden.Length; layer++)
            {
                _hidden[layer] = new float[sentences.Length * _size];
                _cells[layer] = new float[sentences.Length * _size];
                for (int sentence = 0; sentence < sentences.Length; sentence++)
                {
                    sentences[sentence].CopyFinal(layer, _hidden[layer].AsSpan(sentence * _size, _size));
                    sentences[sentence].Cells[layer].CopyTo(_cells[layer], sentence * _size);
                }
            }
        }

        public override void Step(ReadOnlySpan<int> parents, ReadOnlySpan<int> sentences, ReadOnlySpan<int> words)
        {
            int rows = parents.Length;
            float[] said = RunLayers(parents, words);
            float[] queries = new float[rows * _scorer._score.OutputStride], both = new float[rows * 2 * _size];
            _scorer._score.Run(said, _size, rows, queries);
            _attention = new float[rows][];
            for (int row = 0; row < rows; row++)
            {
                Span<float> pair = both.AsSpan(row * 2 * _size, 2 * _size);
                _attention[row] = Attend(_sentences[sentences[row]], queries.AsSpan(row * _scorer._score.OutputStride, _size), pair[.._size]);
                said.AsSpan(row * _size, _size).CopyTo(pair[_size..]);
            }

            float[] combined = new float[rows * _scorer._combine.OutputStride];
            _scorer._combine.Run(both, 2 * _size, rows, combined);
            _attentional = new float[rows * _size];
            for (int row = 0; row < rows; row++)
                TensorPrimitives.Tanh<float>(combined.AsSpan(row * _scorer._combine.OutputStride, _size), _attentional.AsSpan(row * _size, _size));
            _logits = _logits.Length >= rows * _scorer._output.OutputStride ? _logits : new float[rows * _scorer._output.OutputStride];
            _scorer._output.Run(_attentional, _size, rows, _logits);
        }

        public override Span<float> Logits(int row) => _logits.AsSpan(row * _scorer._output.OutputStride, _scorer._architecture.Words);

        public override float[] Attention(int row) => _attention[row];

        public override void Dispose()
        {
        }

        // The top layer's output for each row.
        private float[] RunLayers(ReadOnlySpan<int> parents, ReadOnlySpan<int> words)
        {
            int rows = parents.Length, layers = _hidden.Length, embedding = _scorer._architecture.EmbeddingSize;
            float[][] hidden = new float[layers][], cells = new float[layers][];
            for (int layer = 0; layer < layers; layer++)
            {
                int below = layer == 0 ? _inputSize : _size, width = below + _size;
                float[] input = new float[rows * width];
                for (int row = 0; row < rows; row++)
                {
                    Span<float> own = input.AsSpan(row * width, width);
                    if (layer > 0)
                        hidden[layer - 1].AsSpan(row * _size, _size).CopyTo(own);
                    else
                        _scorer._embedding.AsSpan(words[row] * embedding, embedding).CopyTo(own);
                    if (layer == 0 && _scorer._architecture.InputFeeding)
                        _attentional.AsSpan(parents[row] * _size, _size).CopyTo(own[embedding..]);
                    _hidden[layer].AsSpan(parents[row] * _size, _size).CopyTo(own[below..]);
                }

                FusedDense dense = _scorer._gates[layer];
                float[] gates = new float[rows * dense.OutputStride];
                dense.Run(input, width, rows, gates);
                (hidden[layer], cells[layer]) = (new float[rows * _size], new float[rows * _size]);
                for (int row = 0; row < rows; row++)
                {
                    Span<float> cell = cells[layer].AsSpan(row * _size, _size);
                    _cells[layer].AsSpan(parents[row] * _size, _size).CopyTo(cell);
                    FusedLstm.Emit(gates.AsSpan(row * dense.OutputStride, 4 * _size), cell, hidden[layer].AsSpan(row * _size, _size));
                }
            }

            (_hidden, _cells) = (hidden, cells);
            return hidden[^1];
        }

        // Equation 3, with the query W_1 h; the context is H^T alpha.
        private static float[] Attend(EncodedSentence sentence, ReadOnlySpan<float> query, Span<float> context)
        {
            int top = sentence.Layers.Length - 1;
            float[] attention = new float[sentence.Tokens.Length];
            for (int token = 0; token < attention.Length; token++)
                attention[token] = TensorPrimitives.Dot(sentence.Token(top, token), query);
            Scoring.ClassProbabilities.Softmax(attention);
            context.Clear();
            for (int token = 0; token < attention.Length; token++)
                TensorPrimitives.MultiplyAdd(sentence.Token(top, token), attention[token], context, context);
            return attention;
        }
    }
}
