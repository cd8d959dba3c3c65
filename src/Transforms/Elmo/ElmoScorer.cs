using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>
/// The network in the form that scores: no gradients, no training state, safe to share between threads. Every sentence begins from zero states.
/// </summary>
/// <remarks>Of a sentence of N tokens there are N + 1 steps: forward, step 0 is the mark before it; backward, the mark behind it.</remarks>
internal sealed class ElmoScorer : IScorer
{
    /// <summary>So many tokens are encoded together.</summary>
    public const int TokensOfAPart = 64;

    private const int CacheBytes = 64 << 20;

    private readonly ElmoArchitecture _architecture;
    private readonly RecurrentStack _layers;
    private readonly EmbeddingScorer _encoder;
    private readonly SequenceScorer _stack;
    private readonly float[][] _marks;
    private readonly TokenVectorCache _cache;

    /// <param name="architecture">The network.</param>
    /// <param name="encoder">The scoring form of its encoder, which is disposed with this.</param>
    /// <param name="stack">The scoring form of its layers, which is disposed with this.</param>
    public ElmoScorer(ElmoArchitecture architecture, EmbeddingScorer encoder, SequenceScorer stack)
    {
        (_architecture, _layers, _encoder, _stack) = (architecture, architecture.Stack(), encoder, stack);
        _marks = Encode([CharacterIds.OfBegin(), CharacterIds.OfEnd()]);
        _cache = new TokenVectorCache(Math.Clamp(CacheBytes / (sizeof(float) * architecture.ProjectionSize), 1, 100_000));
    }

    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static ElmoScorer Create(ElmoArchitecture architecture, NetworkWeights weights, TorchDevice device) => new(
        architecture, EmbeddingScorer.Create(architecture.Encoder(), weights, device), SequenceScorer.Create(architecture.Stack(), weights, device));

    /// <inheritdoc/>
    public bool IsNative => _stack.IsNative;

    public void Dispose()
    {
        _encoder.Dispose();
        _stack.Dispose();
    }

    /// <summary>Runs sentences through the network.</summary>
    /// <param name="sentences">Their tokens; those without tokens are passed over.</param>
    /// <param name="receive">Is given the number of each sentence and its layers, which last until it returns; on any thread, and several at a time.</param>
    public void Run(IReadOnlyList<string[]> sentences, Action<int, SequenceLayers> receive)
    {
        IReadOnlyList<SentenceGroup> groups = SentenceGroup.Of(sentences, _stack.ValuesOfAStep);
        if (groups.Count == 0)
            return;
        HashSet<string> tokens = [.. groups.SelectMany(group => group.Sentences).SelectMany(sentence => sentence)];
        Dictionary<string, float[]> vectors = _cache.Get(tokens, EncodeAll);
        SentenceGroup.Run(groups, IsNative ? 0 : _stack.WorkOfAStep, group =>
            SequenceLayers.Use(
                _layers, Array.ConvertAll(group.Sentences, sentence => sentence.Length + 1), layers => RunGroup(group, vectors, layers, receive)));
    }

    private void RunGroup(SentenceGroup group, Dictionary<string, float[]> vectors, SequenceLayers[] layers, Action<int, SequenceLayers> receive)
    {
        foreach ((string[] sentence, SequenceLayers own) in group.Sentences.Zip(layers))
        {
            for (int step = 0; step < own.Steps; step++)
            {
                (step == 0 ? _marks[0] : vectors[sentence[step - 1]]).CopyTo(own.Step(0, 0, step));
                (step == 0 ? _marks[1] : vectors[sentence[^step]]).CopyTo(own.Step(0, 1, step));
            }
        }

        _stack.Run(layers);
        for (int row = 0; row < layers.Length; row++)
            receive(group.Numbers[row], layers[row]);
    }

    private float[][] EncodeAll(IReadOnlyList<string> tokens)
    {
        float[][] vectors = new float[tokens.Count][];
        int parts = (tokens.Count + TokensOfAPart - 1) / TokensOfAPart;
        if (parts == 1)
            EncodePart(0);
        else
            Parallel.For(0, parts, EncodePart);
        return vectors;

        void EncodePart(int part) =>
            Encode([.. tokens.Skip(part * TokensOfAPart).Take(TokensOfAPart).Select(token => CharacterIds.Of(token, _architecture.MaxCharacters))])
            .CopyTo(vectors, part * TokensOfAPart);
    }

    private float[][] Encode(int[][] tokens)
    {
        int size = _architecture.ProjectionSize;
        float[] rows = [.. tokens.SelectMany(_architecture.Padded).Select(id => (float)id)], encoded = new float[tokens.Length * size];
        _encoder.Embed(rows, tokens.Length, encoded);
        return [.. encoded.Chunk(size)];
    }
}
