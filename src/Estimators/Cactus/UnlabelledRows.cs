using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
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
    public static UnlabelledRows Read(IDataView data, string featureColumn, string? embeddingColumn, Action check)
    {
        IEnumerable<string> names = new[] { featureColumn, embeddingColumn }.OfType<string>().Distinct();
        DataViewSchema.Column[] columns = [.. names.Select(name => new VectorColumn(name).Require(data.Schema))];
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        FiniteReader[] readers = [.. columns.Select(column => new FiniteReader(cursor, new VectorReader(cursor, column), column.Name))];
        RowList[] rows = [.. columns.Select(column => new RowList(SizeOf(column)))];
        float[][] values = [.. columns.Select(column => new float[SizeOf(column)])];
        while (cursor.MoveNext())
        {
            check();
            for (int column = 0; column < columns.Length; column++)
            {
                readers[column].Read(values[column]);
                rows[column].Add(values[column]);
            }
        }

        return new UnlabelledRows(rows[0].ToArray(), SizeOf(columns[0]), embeddingColumn is null ? null : rows[^1].ToArray(), SizeOf(columns[^1]));

        static int SizeOf(DataViewSchema.Column column) => ((VectorDataViewType)column.Type).Size;
    }
}
