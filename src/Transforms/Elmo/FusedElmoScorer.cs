using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>The scoring form on a CPU, in vectorised code of our own. Values do not depend on what else is scored.</summary>
internal sealed class FusedElmoScorer : ElmoScorer
{
    private const int CacheBytes = 64 << 20;

    private readonly ElmoArchitecture _architecture;
    private readonly FusedCharacterEncoder _encoder;
    private readonly FusedLstm[][] _layers;
    private readonly float[][] _marks;
    private readonly TokenVectorCache _cache;
    private readonly long _workOfAToken;

    public FusedElmoScorer(ElmoArchitecture architecture, NetworkWeights weights)
        : base(architecture)
    {
        _architecture = architecture;
        _encoder = new FusedCharacterEncoder(architecture, weights.Under("encoder."));
        _layers = [.. Enumerable.Range(0, architecture.Layers).Select(layer => Enumerable.Range(0, ElmoArchitecture.Directions)
            .Select(direction => new FusedLstm(LstmWeights.Of(architecture.Lstm(), weights.Under($"layers.{layer}."), direction))).ToArray())];
        _marks = _encoder.Encode([CharacterIds.OfBegin(), CharacterIds.OfEnd()]);
        _cache = new TokenVectorCache(Math.Clamp(CacheBytes / (sizeof(float) * architecture.ProjectionSize), 1, 100_000));
        _workOfAToken = architecture.Layers * architecture.Lstm().Weights().Sum(weight => weight.Shape.Aggregate(1L, (product, dimension) => product * dimension));
    }

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    protected override void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, SentenceLayers> receive)
    {
        HashSet<string> tokens = [.. groups.SelectMany(group => group.Sentences).SelectMany(sentence => sentence)];
        Dictionary<string, float[]> vectors = _cache.Get(tokens, missing => Encode(missing));
        SentenceGroup.Run(groups, _workOfAToken, group => RunGroup(group, vectors, receive));
    }

    private float[][] Encode(IReadOnlyList<string> tokens)
    {
        const int Part = FusedCharacterEncoder.TokensOfAPart;
        float[][] vectors = new float[tokens.Count][];
        int parts = (tokens.Count + Part - 1) / Part;
        if (parts == 1)
            EncodePart(0);
        else
            Parallel.For(0, parts, EncodePart);
        return vectors;

        void EncodePart(int part) => _encoder.Encode([.. tokens.Skip(part * Part).Take(Part).Select(token => CharacterIds.Of(token, _architecture.MaxCharacters))])
            .CopyTo(vectors, part * Part);
    }

    private void RunGroup(SentenceGroup group, Dictionary<string, float[]> vectors, Action<int, SentenceLayers> receive) =>
        SentenceLayers.Of(_architecture, group.Sentences, layers => Fill(group, vectors, layers, receive));

    private void Fill(SentenceGroup group, Dictionary<string, float[]> vectors, SentenceLayers[] layers, Action<int, SentenceLayers> receive)
    {
        int size = _architecture.ProjectionSize;
        var sequences = new PackedSequences([.. group.Sentences.Select(sentence => sentence.Length + 1)]);
        int length = checked(sequences.Total * size);
        using Scratch first = new(length), second = new(length);
        Span<float> input = first.Span[..length], output = second.Span[..length];
        for (int direction = 0; direction < ElmoArchitecture.Directions; direction++)
        {
            for (int step = 0; step < sequences.Steps; step++)
            {
                for (int row = 0; row < sequences.Active(step); row++)
                {
                    string[] sentence = group.Sentences[row];
                    float[] vector = step == 0 ? _marks[direction] : vectors[direction == 0 ? sentence[step - 1] : sentence[^step]];
                    vector.CopyTo(input[((sequences.Offset(step) + row) * size)..]);
                }
            }

            Unpack(sequences, input, layers, 0, direction);
            for (int layer = 0; layer < _architecture.Layers; layer++)
            {
                _layers[layer][direction].Run(sequences, input, output);
                if (_architecture.SkipConnections && layer > 0)
                    TensorPrimitives.Add(output, input, output);
                Unpack(sequences, output, layers, layer + 1, direction);
                Span<float> above = output;
                output = input;
                input = above;
            }
        }

        for (int row = 0; row < layers.Length; row++)
            receive(group.Numbers[row], layers[row]);
    }

    private void Unpack(PackedSequences sequences, ReadOnlySpan<float> packed, SentenceLayers[] layers, int layer, int direction)
    {
        int size = _architecture.ProjectionSize;
        for (int step = 0; step < sequences.Steps; step++)
        {
            for (int row = 0; row < sequences.Active(step); row++)
                packed.Slice((sequences.Offset(step) + row) * size, size).CopyTo(layers[row].Step(layer, direction, step));
        }
    }
}
