using Microsoft.ML;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Cactus;

/// <summary>Rows without labels, in memory.</summary>
/// <param name="Features">The rows, one after the other.</param>
/// <param name="Size">D.</param>
/// <param name="Embeddings">Their embeddings, where these come from a column; else null.</param>
/// <param name="EmbeddingSize">d.</param>
internal sealed record UnlabelledRows(float[] Features, int Size, float[]? Embeddings, int EmbeddingSize)
{
    public int Count => Features.Length / Size;

    /// <summary>Reads a view, in one pass.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A number is not finite; the message names column and row.</exception>
    public static UnlabelledRows Read(IDataView data, FeatureColumn features, string? embeddingColumn, Action check)
    {
        FeatureColumn[] columns = embeddingColumn is null || embeddingColumn == features.Name ? [features] : [features, new(embeddingColumn, Image: null)];
        int[] sizes = [.. columns.Select(column => column.SizeOf(column.Require(data.Schema)))];
        using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(column => data.Schema[column.Name]));
        FiniteReader[] readers = [.. columns.Select(column => new FiniteReader(cursor, column.CreateReader(cursor), column.Name))];
        RowList[] rows = [.. sizes.Select(size => new RowList(size))];
        float[][] values = [.. sizes.Select(size => new float[size])];
        while (cursor.MoveNext())
        {
            check();
            for (int column = 0; column < columns.Length; column++)
            {
                readers[column].Read(values[column]);
                rows[column].Add(values[column]);
            }
        }

        return new UnlabelledRows(rows[0].ToArray(), sizes[0], embeddingColumn is null ? null : rows[^1].ToArray(), sizes[^1]);
    }
}
