using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>Texts side by side, as the network reads them in torch.</summary>
/// <param name="Pieces">Numbers of pieces, Int64 (B, T), 0 behind the end of a text.</param>
/// <param name="Segments">Numbers of segments, Int64 (B, T).</param>
/// <param name="Present">Bool (B, T): whether a text has such a place; null where all texts are of one length.</param>
internal sealed record BertTensors(Tensor Pieces, Tensor Segments, Tensor? Present)
{
    /// <summary>Puts texts side by side.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="texts">Which of them, in this order.</param>
    /// <param name="device">Where the tensors are.</param>
    public static BertTensors Of(BertBatch batch, ReadOnlySpan<int> texts, Device device)
    {
        int longest = 0, shortest = int.MaxValue;
        foreach (int text in texts)
            (longest, shortest) = (Math.Max(longest, batch.Length(text)), Math.Min(shortest, batch.Length(text)));
        long[] pieces = new long[texts.Length * longest], segments = new long[pieces.Length];
        bool[] present = new bool[pieces.Length];
        for (int row = 0; row < texts.Length; row++)
        {
            int place = row * longest;
            foreach (int piece in batch.Pieces(texts[row]))
                pieces[place++] = piece;
            int end = (row * longest) + batch.Length(texts[row]), second = (row * longest) + batch.Second(texts[row]);
            present.AsSpan((row * longest)..end).Fill(true);
            segments.AsSpan(second..end).Fill(1);
        }

        return new(On(tensor(pieces, [texts.Length, longest])), On(tensor(segments, [texts.Length, longest])),
            shortest == longest ? null : On(tensor(present, [texts.Length, longest])));

        Tensor On(Tensor values) => values.to(device);
    }
}
