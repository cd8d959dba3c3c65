using Microsoft.ML.Data;

namespace MLNet.Papers.Columns;

/// <summary>A column of texts, or of vectors of texts of known length or not.</summary>
/// <param name="Name">Its name.</param>
internal sealed record TextColumn(string Name) : InputColumn
{
    internal override string? FindFault(ColumnType type) => type.Item is TextDataViewType ? null : "a text or a vector of texts";
}
