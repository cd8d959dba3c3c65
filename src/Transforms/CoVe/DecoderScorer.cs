using MLNet.Papers.Networks;

namespace MLNet.Papers.CoVe;

/// <summary>The decoder in the form that translates: no gradients, safe to share between threads.</summary>
internal abstract class DecoderScorer(DecoderModel model) : IScorer
{
    // So many sentences are translated side by side, or fewer where their beams need much memory.
    private const int GroupSize = 16;
    private const long MostValues = 1L << 26;

    protected DecoderModel Model { get; } = model;

    /// <summary>Makes the scoring form of a decoder for a device.</summary>
    public static DecoderScorer Create(DecoderModel model, TorchDevice device) =>
        device.IsCpu ? new KernelDecoder(model) : new TorchDecoder(model, device);

    /// <summary>Translates sentences.</summary>
    /// <param name="sentences">What the encoder says of them.</param>
    /// <param name="search">How translations are looked for.</param>
    public Hypothesis[] Translate(IReadOnlyList<EncodedSentence> sentences, BeamSearch search)
    {
        var translations = new Hypothesis[sentences.Count];
        int size = (int)Math.Clamp(MostValues / (search.Width * Model.Architecture.ValuesOfARow), 1, GroupSize);
        int[][] groups = [.. Enumerable.Range(0, sentences.Count).OrderByDescending(i => sentences[i].Tokens.Length).Chunk(size)];
        if (groups.Length > 1 && IsParallel)
        {
            Parallel.ForEach(groups, RunGroup);
        }
        else
        {
            foreach (int[] group in groups)
                RunGroup(group);
        }

        return translations;

        void RunGroup(int[] group)
        {
            EncodedSentence[] own = Array.ConvertAll(group, i => sentences[i]);
            using DecoderRun run = Start(own);
            Hypothesis[] found = search.Run(run, own);
            for (int i = 0; i < group.Length; i++)
                translations[group[i]] = found[i];
        }
    }

    /// <inheritdoc/>
    public virtual bool IsNative => false;

    public abstract void Dispose();

    /// <summary>Whether groups may run at the same time.</summary>
    protected abstract bool IsParallel { get; }

    /// <summary>Begins the translation of some sentences.</summary>
    public abstract DecoderRun Start(EncodedSentence[] sentences);

    /// <summary>What a translation of a sentence attends to: N × 2H values.</summary>
    protected float[] Top(EncodedSentence sentence)
    {
        int size = Model.Architecture.StateSize;
        float[] top = new float[sentence.Tokens.Length * size];
        for (int token = 0; token < sentence.Tokens.Length; token++)
            sentence.CopyToken(Model.Architecture.Layers - 1, token, top.AsSpan(token * size, size));
        return top;
    }

    /// <summary>The states of each layer that translations begin with: 2H values for each sentence.</summary>
    protected (float[] Hidden, float[] Cells)[] Final(EncodedSentence[] sentences) => [.. Enumerable.Range(0, Model.Architecture.Layers).Select(layer =>
    {
        int size = Model.Architecture.StateSize;
        float[] hidden = new float[sentences.Length * size], cells = new float[sentences.Length * size];
        for (int row = 0; row < sentences.Length; row++)
            sentences[row].CopyFinal(layer, hidden.AsSpan(row * size, size), cells.AsSpan(row * size, size));
        return (hidden, cells);
    })];
}

/// <summary>Translations in the making, a row each.</summary>
internal abstract class DecoderRun : IDisposable
{
    /// <summary>Takes a step.</summary>
    /// <param name="parents">Which row of the last step each row goes on from; before the first step the rows are the sentences.</param>
    /// <param name="sentences">The sentence of each row.</param>
    /// <param name="words">The last word of each row.</param>
    public abstract void Step(ReadOnlySpan<int> parents, ReadOnlySpan<int> sentences, ReadOnlySpan<int> words);

    /// <summary>The scores of all words after a row, which may be overwritten.</summary>
    public abstract Span<float> Logits(int row);

    /// <summary>The attention to each token of the row's sentence; adds up to 1.</summary>
    public abstract float[] Attention(int row);

    public abstract void Dispose();
}
