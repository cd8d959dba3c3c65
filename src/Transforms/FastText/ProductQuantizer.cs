namespace MLNet.Papers.FastText;

/// <summary>A code book for vectors that are cut into pieces, each replaced by the nearest of 256 centroids.</summary>
/// <remarks>"FastText.zip: Compressing text classification models", arXiv:1612.03651, section 3.1.</remarks>
internal sealed class ProductQuantizer
{
    /// <summary>How many centroids a piece has: as many as a byte has values.</summary>
    public const int CentroidCount = 256;

    /// <param name="dimension">The length of a vector.</param>
    /// <param name="pieceLength">The length of a piece; the last one may be shorter.</param>
    /// <param name="centroids">Piece after piece, 256 centroids each.</param>
    public ProductQuantizer(int dimension, int pieceLength, float[] centroids)
    {
        if (centroids.Length != (long)dimension * CentroidCount)
            throw new ArgumentException($"{centroids.Length} values are not {CentroidCount} centroids of length {dimension}.", nameof(centroids));
        (Dimension, PieceLength, Centroids) = (dimension, pieceLength, centroids);
        Pieces = PieceCount(dimension, pieceLength);
        LastPieceLength = dimension - ((Pieces - 1) * pieceLength);
    }

    public int Dimension { get; }

    public int PieceLength { get; }

    public int LastPieceLength { get; }

    public int Pieces { get; }

    public float[] Centroids { get; }

    public static int PieceCount(int dimension, int pieceLength) => (int)(((long)dimension + pieceLength - 1) / pieceLength);

    /// <summary>The length of a piece.</summary>
    public int LengthOf(int piece) => piece == Pieces - 1 ? LastPieceLength : PieceLength;

    /// <summary>A centroid of a piece.</summary>
    public ReadOnlySpan<float> Centroid(int piece, byte code)
    {
        int length = LengthOf(piece);
        return Centroids.AsSpan((piece * CentroidCount * PieceLength) + (code * length), length);
    }
}
