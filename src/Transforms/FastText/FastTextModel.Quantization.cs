using System.Numerics.Tensors;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;

namespace MLNet.Papers;

/// <content>Compression.</content>
public sealed partial class FastTextModel
{
    private const int OutputPieceLength = 2;

    /// <summary>A compressed copy of a classifier: its rows by product quantisation, a byte for every few values.</summary>
    /// <param name="options">How it is compressed; null takes the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <exception cref="InvalidOperationException">The model is not a classifier, is compressed already, or has fewer than 256 rows.</exception>
    public FastTextModel Quantize(FastTextQuantizationOptions? options = null)
    {
        options = (FastTextQuantizationOptions)(options ?? new FastTextQuantizationOptions()).Copy();
        options.Seed ??= Random.Shared.Next();
        return PruneFor(options).QuantizePruned(options);
    }

    /// <summary>What will be quantised: this model without the rows of small norm, if the options say so.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <exception cref="InvalidOperationException">The model cannot be compressed.</exception>
    internal FastTextModel PruneFor(FastTextQuantizationOptions options, Action? check = null)
    {
        options.Validate();
        RequireClassifier();
        if (Input is not DenseMatrix)
            throw new InvalidOperationException("The model is quantised already.");
        RequireRows(Input, "rows");
        if (options.QuantizeOutput)
            RequireRows(Output, "labels");
        return options.Cutoff > 0 ? Prune(options.Cutoff, check) : this;
    }

    /// <summary>Quantises the rows of a model from <see cref="PruneFor"/>.</summary>
    internal FastTextModel QuantizePruned(FastTextQuantizationOptions options, Action? check = null)
    {
        int seed = options.Seed!.Value;
        QuantizedMatrix input = ProductQuantizerTraining.Quantize((DenseMatrix)Input, options.SubvectorLength, options.NormalizeRows, seed, check);
        EmbeddingMatrix? output = options.QuantizeOutput
            ? ProductQuantizerTraining.Quantize((DenseMatrix)Output!, OutputPieceLength, options.NormalizeRows, seed, check)
            : Output;
        return new FastTextModel(Arguments, Dictionary, input, output);
    }

    /// <summary>
    /// A copy that keeps the rows of greatest norm, and the end of a line in any case. Words keep their order; n-grams stand in the order of their norms.
    /// </summary>
    /// <param name="cutoff">How many rows are kept.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <remarks>It can be trained further and then quantised, but not be saved as it is.</remarks>
    internal FastTextModel Prune(int cutoff, Action? check = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cutoff, 1);
        if (Dictionary.IsPruned || Input is not DenseMatrix input)
            throw new InvalidOperationException("The model was pruned or quantised already.");
        if (cutoff >= input.Rows)
            return this;

        float[] norms = new float[input.Rows];
        var polling = new Polling(check);
        for (int row = 0; row < norms.Length; row++)
        {
            polling.Turn();
            norms[row] = row == Dictionary.EndOfSentence ? float.PositiveInfinity : TensorPrimitives.Norm<float>(input.Row(row));
        }

        int[] kept = [.. Enumerable.Range(0, input.Rows).OrderByDescending(row => norms[row]).Take(cutoff)];
        int[] words = [.. kept.Where(row => row < Dictionary.WordCount).Order()];
        int[] ngrams = [.. kept.Where(row => row >= Dictionary.WordCount)];

        var rows = new DenseMatrix(cutoff, Dimension);
        int next = 0;
        foreach (int row in words.Concat(ngrams))
            input.Row(row).CopyTo(rows.Row(next++));
        IEnumerable<int> labels = Enumerable.Range(Dictionary.WordCount, Dictionary.LabelCount);
        DictionaryEntry[] entries = [.. words.Concat(labels).Select(Dictionary.Entry)];
        PrunedBucket[] buckets = [.. ngrams.Select((row, index) => new PrunedBucket(row - Dictionary.WordCount, index))];
        return new FastTextModel(Arguments, new FastTextDictionary(entries, Dictionary.TokenCount, Arguments, buckets, check), rows, Output);
    }

    private static void RequireRows(EmbeddingMatrix? matrix, string rows)
    {
        int count = matrix?.Rows ?? 0;
        if (count < ProductQuantizer.CentroidCount)
            throw new InvalidOperationException($"Quantising needs at least {ProductQuantizer.CentroidCount} {rows} for a code book, but there are {count}.");
    }
}
