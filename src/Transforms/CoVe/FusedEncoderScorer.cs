using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>The encoder on a CPU, in vectorised code of our own. Values do not depend on what else is scored.</summary>
internal sealed class FusedEncoderScorer : EncoderScorer
{
    private readonly EncoderArchitecture _architecture;
    private readonly FastTextModel _words;
    private readonly FusedLstm[][] _layers;

    public FusedEncoderScorer(EncoderModel model)
        : base(model.Architecture)
    {
        (_architecture, _words) = (model.Architecture, model.WordVectors);
        _layers = [.. Enumerable.Range(0, _architecture.Layers).Select(layer => Enumerable.Range(0, EncoderArchitecture.Directions)
            .Select(direction => new FusedLstm(LstmWeights.Of(_architecture.Lstm(layer), model.Weights.Under($"layers.{layer}."), direction))).ToArray())];
    }

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    protected override void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, EncodedSentence> receive) =>
        SentenceGroup.Run(groups, ((INetworkArchitecture)_architecture).ParameterCount, group => RunGroup(group, receive));

    private void RunGroup(SentenceGroup group, Action<int, EncodedSentence> receive)
    {
        int half = _architecture.HiddenSize, size = _architecture.LayerSize, rows = group.Sentences.Length;
        var sequences = new PackedSequences(Array.ConvertAll(group.Sentences, sentence => sentence.Length));
        EncodedSentence[] encoded = Array.ConvertAll(group.Sentences, sentence => new EncodedSentence(
            sentence,
            WordVectors(_words, sentence),
            [.. _layers.Select(_ => new float[sentence.Length * size])],
            [.. _layers.Select(_ => new float[size])]));
        using var input = new Scratch(sequences.Total * Math.Max(size, _architecture.EmbeddingSize));
        using var output = new Scratch(sequences.Total * half);
        using var cells = new Scratch(rows * half);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            for (int direction = 0; direction < EncoderArchitecture.Directions; direction++)
            {
                int inputSize = _layers[layer][direction].InputSize;
                foreach ((int row, int token, int place) in Places(sequences, direction))
                {
                    ReadOnlySpan<float> below = layer == 0 ? encoded[row].WordVectors.AsSpan(token * inputSize, inputSize) : encoded[row].Token(layer - 1, token);
                    below.CopyTo(input.Span[(place * inputSize)..]);
                }

                _layers[layer][direction].Run(sequences, input.Span, output.Span, cells.Span);
                foreach ((int row, int token, int place) in Places(sequences, direction))
                    output.Span.Slice(place * half, half).CopyTo(encoded[row].Layers[layer].AsSpan((token * size) + (direction * half)));
                for (int row = 0; row < rows; row++)
                    cells.Span.Slice(row * half, half).CopyTo(encoded[row].Cells[layer].AsSpan(direction * half));
            }
        }

        for (int row = 0; row < rows; row++)
            receive(group.Numbers[row], encoded[row]);
    }

    // Where the tokens stand among the packed ones, which the second direction has in reverse.
    private static IEnumerable<(int Row, int Token, int Place)> Places(PackedSequences sequences, int direction)
    {
        for (int step = 0; step < sequences.Steps; step++)
        {
            for (int row = 0; row < sequences.Active(step); row++)
                yield return (row, direction == 0 ? step : sequences.Lengths[row] - 1 - step, sequences.Offset(step) + row);
        }
    }
}
