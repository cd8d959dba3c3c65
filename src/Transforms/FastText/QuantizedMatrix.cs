using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNet.Papers.FastText;

/// <summary>Rows that are kept as the codes of a product quantiser; with norms apart if they were normalised before.</summary>
/// <param name="rows">How many rows.</param>
/// <param name="codes">One byte for each piece of each row, row-major.</param>
/// <param name="quantizer">The code book of the rows.</param>
/// <param name="normCodes">One byte a row, or null if the rows were not normalised.</param>
/// <param name="normQuantizer">The code book of the norms.</param>
internal sealed class QuantizedMatrix(int rows, byte[] codes, ProductQuantizer quantizer, byte[]? normCodes, ProductQuantizer? normQuantizer)
    : EmbeddingMatrix(rows, quantizer.Dimension)
{
    public byte[] Codes { get; } = codes;

    public ProductQuantizer Quantizer { get; } = quantizer;

    public byte[]? NormCodes { get; } = normCodes;

    public ProductQuantizer? NormQuantizer { get; } = normQuantizer;

    public override void AddRow(int row, Span<float> sum, float scale = 1)
    {
        scale *= Norm(row);
        ReadOnlySpan<byte> codes = RowCodes(row);
        int piece = 0;
        if (Quantizer.PieceLength == 2)
            piece = AddPairs(codes, sum, scale);
        for (; piece < codes.Length; piece++)
        {
            ReadOnlySpan<float> centroid = Quantizer.Centroid(piece, codes[piece]);
            Span<float> target = sum.Slice(piece * Quantizer.PieceLength, centroid.Length);
            for (int i = 0; i < centroid.Length; i++)
                target[i] += scale * centroid[i];
        }
    }

    public override void AddRows(ReadOnlySpan<int> rows, Span<float> sum)
    {
        foreach (int row in rows)
            AddRow(row, sum);
    }

    public override float Dot(int row, ReadOnlySpan<float> vector)
    {
        ReadOnlySpan<byte> codes = RowCodes(row);
        float sum = 0;
        for (int piece = 0; piece < codes.Length; piece++)
        {
            ReadOnlySpan<float> centroid = Quantizer.Centroid(piece, codes[piece]);
            ReadOnlySpan<float> part = vector.Slice(piece * Quantizer.PieceLength, centroid.Length);
            for (int i = 0; i < centroid.Length; i++)
                sum += part[i] * centroid[i];
        }

        return sum * Norm(row);
    }

    // Pieces of two numbers, as files usually have them: four centroids make one vector. The last piece may be shorter and is left out.
    private int AddPairs(ReadOnlySpan<byte> codes, Span<float> sum, float scale)
    {
        if (!Vector256.IsHardwareAccelerated)
            return 0;
        ref float centroids = ref MemoryMarshal.GetArrayDataReference(Quantizer.Centroids);
        ref byte code = ref MemoryMarshal.GetReference(codes);
        ref float target = ref MemoryMarshal.GetReference(sum);
        Vector256<float> scales = Vector256.Create(scale);
        int piece = 0;
        for (; piece + 4 < codes.Length; piece += 4)
        {
            const int Step = 2 * ProductQuantizer.CentroidCount;
            ref float book = ref Unsafe.Add(ref centroids, piece * Step);
            Vector256<float> row = Vector256.Create(
                Pair(ref book, Unsafe.Add(ref code, piece)),
                Pair(ref Unsafe.Add(ref book, Step), Unsafe.Add(ref code, piece + 1)),
                Pair(ref Unsafe.Add(ref book, 2 * Step), Unsafe.Add(ref code, piece + 2)),
                Pair(ref Unsafe.Add(ref book, 3 * Step), Unsafe.Add(ref code, piece + 3))).AsSingle();
            ref float place = ref Unsafe.Add(ref target, piece * 2);
            Vector256.MultiplyAddEstimate(row, scales, Vector256.LoadUnsafe(ref place)).StoreUnsafe(ref place);
        }

        return piece;

        static ulong Pair(ref float book, byte code) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<float, byte>(ref Unsafe.Add(ref book, 2 * code)));
    }

    private ReadOnlySpan<byte> RowCodes(int row) => Codes.AsSpan(checked(row * Quantizer.Pieces), Quantizer.Pieces);

    private float Norm(int row) => NormCodes is null ? 1 : NormQuantizer!.Centroids[NormCodes[row]];
}
