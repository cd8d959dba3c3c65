using System.Numerics.Tensors;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoVe;

/// <summary>The decoder on a CPU, in vectorised code of our own. Values do not depend on what else is translated.</summary>
internal sealed class KernelDecoder : DecoderScorer
{
    private readonly DecoderArchitecture _architecture;
    private readonly float[] _embedding;
    private readonly RecurrentKernel[] _layers;
    private readonly FusedDense _score;
    private readonly FusedDense _combine;
    private readonly FusedDense _output;

    public KernelDecoder(DecoderModel model)
        : base(model)
    {
        (_architecture, NetworkWeights weights) = (model.Architecture, model.Weights);
        _embedding = weights["embedding"];
        // What the last step said is read behind the word.
        _layers = [.. _architecture.Stack().Layers.Select((layer, i) => layer.Kernel(
            name =>
                name == "input" && i == 0 && _architecture.InputFeeding ? [.. weights["layers.0.input"], .. weights["feeding"]] : weights[$"layers.{i}.{name}"],
            direction: 0))];
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
        private readonly KernelDecoder _scorer;
        private readonly float[][] _tops;  // N × 2H
        private readonly int _size;
        private readonly int _inputSize;
        private float[][] _hidden;
        private float[][] _cells;
        private float[] _attentional;
        private float[][] _attention = [];
        private float[] _logits = [];

        public Run(KernelDecoder scorer, EncodedSentence[] sentences)
        {
            (_scorer, _size) = (scorer, scorer._architecture.StateSize);
            _tops = Array.ConvertAll(sentences, Top);
            _inputSize = scorer._architecture.EmbeddingSize + (scorer._architecture.InputFeeding ? _size : 0);
            _attentional = new float[sentences.Length * _size];
            _hidden = new float[scorer._architecture.Layers][];
            _cells = new float[scorer._architecture.Layers][];
            for (int layer = 0; layer < _hidden.Length; layer++)
            {
                _hidden[layer] = new float[sentences.Length * _size];
                _cells[layer] = new float[sentences.Length * _size];
                for (int sentence = 0; sentence < sentences.Length; sentence++)
                    sentences[sentence].CopyFinal(layer, _hidden[layer].AsSpan(sentence * _size, _size), _cells[layer].AsSpan(sentence * _size, _size));
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
                _attention[row] = Attend(
                    _tops[sentences[row]], _tops[sentences[row]].Length / _size, queries.AsSpan(row * _scorer._score.OutputStride, _size), pair[.._size]);
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

        private float[] Top(EncodedSentence sentence)
        {
            float[] top = new float[sentence.Tokens.Length * _size];
            for (int token = 0; token < sentence.Tokens.Length; token++)
                sentence.CopyToken(_scorer._architecture.Layers - 1, token, top.AsSpan(token * _size, _size));
            return top;
        }

        // The top layer's output for each row.
        private float[] RunLayers(ReadOnlySpan<int> parents, ReadOnlySpan<int> words)
        {
            int rows = parents.Length, layers = _hidden.Length;
            float[][] hidden = new float[layers][], cells = new float[layers][];
            for (int layer = 0; layer < layers; layer++)
            {
                (hidden[layer], cells[layer]) = (new float[rows * _size], new float[rows * _size]);
                float[] input = layer > 0 ? hidden[layer - 1] : new float[rows * _inputSize];
                for (int row = 0; row < rows; row++)
                {
                    if (layer == 0)
                        Read(words[row], parents[row], input.AsSpan(row * _inputSize, _inputSize));
                    _hidden[layer].AsSpan(parents[row] * _size, _size).CopyTo(hidden[layer].AsSpan(row * _size));
                    _cells[layer].AsSpan(parents[row] * _size, _size).CopyTo(cells[layer].AsSpan(row * _size));
                }

                _scorer._layers[layer].Step(rows, input, hidden[layer], cells[layer]);
            }

            (_hidden, _cells) = (hidden, cells);
            return hidden[^1];
        }

        // The vector of a word and, where it is fed in, what the last step said.
        private void Read(int word, int parent, Span<float> input)
        {
            int embedding = _scorer._architecture.EmbeddingSize;
            _scorer._embedding.AsSpan(word * embedding, embedding).CopyTo(input);
            if (_scorer._architecture.InputFeeding)
                _attentional.AsSpan(parent * _size, _size).CopyTo(input[embedding..]);
        }

        // Equation 3, with the query W_1 h; the context is H^T alpha.
        private static float[] Attend(ReadOnlySpan<float> top, int tokens, ReadOnlySpan<float> query, Span<float> context)
        {
            float[] attention = new float[tokens];
            for (int token = 0; token < tokens; token++)
                attention[token] = TensorPrimitives.Dot(top.Slice(token * query.Length, query.Length), query);
            Scoring.ClassProbabilities.Softmax(attention);
            context.Clear();
            for (int token = 0; token < tokens; token++)
                TensorPrimitives.MultiplyAdd(top.Slice(token * query.Length, query.Length), attention[token], context, context);
            return attention;
        }
    }
}
