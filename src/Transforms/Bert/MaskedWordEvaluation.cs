using System.Numerics.Tensors;
using Microsoft.ML;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Bert;

/// <summary>Adds up how well hidden pieces are predicted.</summary>
internal sealed class MaskedWordEvaluation(BertModel model, MaskedWordHead head, BertScorer scorer, int seed)
{
    private const double HiddenPart = 0.15;

    private readonly MaskedWordArchitecture.Kernel _head = head.ToKernel(model);
    private readonly Random _random = new(seed);
    private readonly WordMasking _masking = new(model.Vocabulary.Count, model.Vocabulary.Mask, HiddenPart);
    private readonly BertBatch _hidden = new();
    private readonly List<List<(int Place, int Piece)>> _targets = [];
    private readonly long[] _counts = new long[model.Vocabulary.Count];
    private readonly Lock _sums = new();
    private double _loss;
    private long _right;
    private long _predictions;

    public MaskedWordMetrics Evaluate(IDataView data, string column, Action check)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        LabelValues<ReadOnlyMemory<char>> reader = LabelValues.Reader<ReadOnlyMemory<char>>(cursor, data.Schema[column]);
        bool isVector = data.Schema[column].Type is Microsoft.ML.Data.VectorDataViewType;
        var texts = new BertTexts(model);
        while (cursor.MoveNext())
        {
            check();
            texts.Clear();
            ReadOnlySpan<ReadOnlyMemory<char>> row = reader();
            if (isVector)
                texts.AddWords(row.ToArray());
            else
                texts.Add(row[0].Span);
            Hide(texts.Batch.Pieces(0));
            if (_hidden.Total >= BertSession.MostPieces)
                Predict();
        }

        Predict();
        long all = _counts.Sum();
        return _predictions > 0
            ? new(_loss / _predictions, (double)_right / _predictions, Entropy(all), _predictions, (double)_counts[model.Vocabulary.Unknown] / all)
            : throw new InvalidOperationException($"Column '{column}' has no words to predict.");
    }

    // [CLS] A [SEP]
    private void Hide(ReadOnlySpan<int> text)
    {
        if (text.Length <= 2)
            return;
        int[] pieces = text.ToArray();
        foreach (int piece in pieces.AsSpan(1..^1))
            _counts[piece]++;
        bool[] isMark = new bool[pieces.Length];
        isMark[0] = isMark[^1] = true;
        var targets = new List<(int Place, int Piece)>();
        _masking.Hide(pieces, isMark, _random, targets);
        _hidden.Add(pieces);
        _targets.Add(targets);
    }

    private void Predict()
    {
        (int layers, int size) = (model.Architecture.Layers, model.Architecture.HiddenSize);
        double[] losses = new double[_targets.Count];
        scorer.Run(_hidden, layers, layers, (text, result) =>
        {
            using var scratch = new Scratch(model.Architecture.Pieces);
            Span<float> probabilities = scratch.Span[..model.Architecture.Pieces];
            int right = 0;
            foreach ((int place, int piece) in _targets[text])
            {
                _head.Predict(result[layers].Slice(place * size, size), probabilities);
                losses[text] -= Math.Log(Math.Max(probabilities[piece], float.Epsilon));
                right += TensorPrimitives.IndexOfMax<float>(probabilities) == piece ? 1 : 0;
            }

            lock (_sums)
            {
                _right += right;
                _predictions += _targets[text].Count;
            }
        });
        // In the order of the texts, so that no sum depends on the threads.
        _loss += losses.Sum();
        _hidden.Clear();
        _targets.Clear();
    }

    private double Entropy(long all) => _counts.Where(count => count > 0).Sum(count => -(double)count / all * Math.Log((double)count / all));
}
