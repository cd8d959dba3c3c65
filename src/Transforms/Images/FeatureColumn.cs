using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Images;

/// <summary>A column that a network reads: vectors, or images.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image that a row is; null for vectors.</param>
internal sealed record FeatureColumn(string Name, ImageShape? Image)
{
    /// <summary>Finds the column.</summary>
    /// <param name="schema">The schema to search.</param>
    /// <param name="length">The length that vectors must have, or null for any.</param>
    /// <returns>The column, and D, the number of values that a network reads.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public (DataViewSchema.Column Column, int Size) Require(DataViewSchema schema, int? length = null)
    {
        if (Image is { } shape)
            return (new ImageColumn(Name, shape).Require(schema), shape.Size);
        DataViewSchema.Column column = InputColumns.RequireVector(schema, Name, length);
        return (column, ((VectorDataViewType)column.Type).Size);
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public void Require(SchemaShape schema) => _ = Image is { } shape ? new ImageColumn(Name, shape).Require(schema) : InputColumns.RequireVector(schema, Name);

    /// <summary>What reads the column of a row.</summary>
    public RowReader CreateReader(DataViewRow row) =>
        Image is { } shape ? new ImageColumn(Name, shape).CreateReader(row) : new VectorReader(row, row.Schema[Name]);

    /// <summary>What is wrong with a saved column, or null: a network must read what it is said to hold.</summary>
    public string? FindFault(LayeredArchitecture architecture) => string.IsNullOrWhiteSpace(Name) || (Image is { } image && image != architecture.Input)
        ? $"Block 'features' names the column '{Name}' with images of {Image}, but the network reads {architecture.Input}."
        : null;
}
