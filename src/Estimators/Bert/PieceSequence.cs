namespace MLNet.Papers.Bert;

/// <summary>A sequence to learn from, [CLS] A [SEP] or [CLS] A [SEP] B [SEP], by the places of its segments among the pieces of a corpus.</summary>
/// <param name="Start">Where A begins.</param>
/// <param name="Length">How many pieces A has.</param>
/// <param name="SecondStart">Where B begins.</param>
/// <param name="SecondLength">How many pieces B has; 0 where there is no B.</param>
/// <param name="IsRandom">Whether B comes from elsewhere instead of following A.</param>
internal readonly record struct PieceSequence(int Start, int Length, int SecondStart = 0, int SecondLength = 0, bool IsRandom = false)
{
    /// <summary>Marks of a single segment and of a pair.</summary>
    public const int SingleMarks = 2, PairMarks = 3;

    /// <summary>Its pieces with their marks.</summary>
    public int Count => Length + SecondLength + (SecondLength > 0 ? PairMarks : SingleMarks);

    /// <summary>Writes its pieces with their marks.</summary>
    /// <param name="corpus">The texts.</param>
    /// <param name="marks">The pieces around segments.</param>
    /// <param name="pieces">Receives the pieces.</param>
    /// <param name="isMark">Receives which of them are marks.</param>
    public void CopyTo(PieceCorpus corpus, SequenceMarks marks, Span<int> pieces, Span<bool> isMark)
    {
        isMark[..Count].Clear();
        Mark(0, marks.Classification, pieces, isMark);
        corpus.Pieces(Start, Length).CopyTo(pieces[1..]);
        Mark(Length + 1, marks.Separator, pieces, isMark);
        if (SecondLength == 0)
            return;
        corpus.Pieces(SecondStart, SecondLength).CopyTo(pieces[(Length + SingleMarks)..]);
        Mark(Count - 1, marks.Separator, pieces, isMark);

        static void Mark(int place, int mark, Span<int> pieces, Span<bool> isMark) => (pieces[place], isMark[place]) = (mark, true);
    }
}

/// <summary>How segments are put together.</summary>
/// <param name="Classification">The piece before them.</param>
/// <param name="Separator">The piece behind each.</param>
/// <param name="HasSegments">Whether the network is told which segment a piece belongs to.</param>
internal readonly record struct SequenceMarks(int Classification, int Separator, bool HasSegments = true);
