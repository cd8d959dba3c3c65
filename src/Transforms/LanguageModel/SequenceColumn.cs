using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.LanguageModel;

/// <summary>How rows hold their tokens.</summary>
internal enum SequenceForm
{
    /// <summary>A text, which has to be cut.</summary>
    Text,

    /// <summary>A vector of texts.</summary>
    Tokens,

    /// <summary>A vector of keys.</summary>
    Keys,
}

/// <summary>A column of sequences: texts, vectors of texts or vectors of keys.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Form">Which of them; null for any.</param>
/// <param name="KeyCount">How many different keys there are; 0 for any.</param>
internal sealed record SequenceColumn(string Name, SequenceForm? Form = null, int KeyCount = 0) : InputColumn
{
    /// <summary>How a column that was checked holds its tokens.</summary>
    public static SequenceForm FormOf(DataViewSchema.Column column) =>
        column.Type is not VectorDataViewType vector ? SequenceForm.Text : vector.ItemType is KeyDataViewType ? SequenceForm.Keys : SequenceForm.Tokens;

    /// <summary>How many different keys a column that was checked has; 0 if it has texts.</summary>
    public static int KeyCountOf(DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { ItemType: KeyDataViewType key } ? checked((int)key.Count) : 0;

    internal override string? FindFault(ColumnType type)
    {
        SequenceForm? found = type.Kind == VectorKind.Scalar
            ? type.Item is TextDataViewType ? SequenceForm.Text : null
            : type.IsKey ? SequenceForm.Keys : type.Item is TextDataViewType ? SequenceForm.Tokens : null;
        bool hasOtherKeys = KeyCount > 0 && type.Vector?.ItemType is KeyDataViewType { Count: var count } && count != (ulong)KeyCount;
        if (found is not null && (Form is null || found == Form) && !hasOtherKeys)
            return null;
        return Form switch
        {
            null => "a text, or a vector of texts or of keys of known count",
            SequenceForm.Text => "a text",
            SequenceForm.Tokens => "a vector of texts",
            _ => KeyCount > 0 ? FormattableString.Invariant($"a vector of {KeyCount} different keys") : "a vector of keys of known count",
        };
    }

    internal override InputColumn Like(DataViewSchema.Column training) => this with { Form = FormOf(training), KeyCount = KeyCountOf(training) };
}
