using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Training;

namespace MLNet.Papers.Distillation;

/// <summary>One pass over rows and what a teacher says of them.</summary>
/// <remarks>
/// One cursor does where the teacher hands the columns on. Where it puts columns of the same names in front of them, or leaves some out, a second one goes
/// over the rows as
/// they came in, and the ids of the rows tell that both stand on the same.
/// </remarks>
internal sealed class ScoredRows : IDisposable
{
    private readonly ValueGetter<DataViewRowId>? _ids;
    private readonly ValueGetter<DataViewRowId>? _scoredIds;

    /// <param name="data">The rows.</param>
    /// <param name="columns">The columns of them that are read.</param>
    /// <param name="teacher">The teacher, or null for the rows alone.</param>
    /// <param name="check">Called for every row, also where the teacher reads ahead; throws to stop.</param>
    public ScoredRows(IDataView data, IReadOnlyList<DataViewSchema.Column> columns, Teacher? teacher, Action check)
    {
        data = new CancellableView(data, check);
        if (teacher is null)
        {
            Scored = Rows = data.GetRowCursor(columns);
            return;
        }

        IDataView scored = teacher.Transformer.Transform(data);
        IEnumerable<DataViewSchema.Column> scores = teacher.ColumnNames.Select(name => scored.Schema[name]);
        if (columns.All(column => scored.Schema.GetColumnOrNull(column.Name) is { } same && same.Index == column.Index && same.Type.Equals(column.Type)))
        {
            Scored = Rows = scored.GetRowCursor([.. columns.Select(column => scored.Schema[column.Index]), .. scores]);
            return;
        }

        Rows = data.GetRowCursor(columns);
        Scored = scored.GetRowCursor(scores);
        (_ids, _scoredIds) = (Rows.GetIdGetter(), Scored.GetIdGetter());
    }

    /// <summary>The rows as they came in.</summary>
    public DataViewRowCursor Rows { get; }

    /// <summary>The rows with the teacher's columns.</summary>
    public DataViewRowCursor Scored { get; }

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="InvalidOperationException">The teacher drops, adds or moves rows.</exception>
    public bool MoveNext()
    {
        bool hasRow = Scored.MoveNext();
        if (ReferenceEquals(Rows, Scored))
            return hasRow;
        bool hasInput = Rows.MoveNext();
        if (hasRow != hasInput || (hasRow && !IsSameRow()))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The teacher drops, adds or moves rows: after row {Rows.Position} its rows are no longer those of the data."));
        }

        return hasRow;
    }

    public void Dispose()
    {
        Scored.Dispose();
        Rows.Dispose();
    }

    private bool IsSameRow()
    {
        DataViewRowId id = default, scoredId = default;
        _ids!(ref id);
        _scoredIds!(ref scoredId);
        return id.Equals(scoredId);
    }
}
