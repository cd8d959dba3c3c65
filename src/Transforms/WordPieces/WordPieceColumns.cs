using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.WordPieces;

/// <summary>The columns of a transformer that cuts texts into pieces.</summary>
internal sealed record WordPieceColumns(string OutputColumnName, string InputColumnName, bool WithOffsets)
{
    public InputColumn Input => ScalarColumn.Text(InputColumnName);

    /// <summary>The columns, in the order of the transformer's buffers.</summary>
    /// <param name="pieces">The pieces that the keys stand for; null where an estimator promises the columns and does not know them.</param>
    public IReadOnlyList<OutputColumn> Create(IReadOnlyList<string>? pieces = null)
    {
        int count = pieces?.Count ?? 1;
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, count), (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            VBufferEditor<ReadOnlyMemory<char>> values = VBufferEditor.Create(ref value, count);
            for (int id = 0; id < count; id++)
                values.Values[id] = (pieces?[id]).AsMemory();
            value = values.Commit();
        });
        OutputColumn output = new(OutputColumnName, new VectorDataViewType(new KeyDataViewType(typeof(uint), count)), annotations.ToAnnotations());
        return WithOffsets ? [output, Numbers("Start"), Numbers("Length")] : [output];

        OutputColumn Numbers(string part) => new($"{OutputColumnName}.{part}", new VectorDataViewType(NumberDataViewType.Int32));
    }
}
