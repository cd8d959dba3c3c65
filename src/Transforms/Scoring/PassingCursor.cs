using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>A cursor that passes on what a row of another cursor has; how it moves is left to say.</summary>
/// <param name="row">The row.</param>
/// <param name="input">The cursor that moves it, which is disposed with this.</param>
internal abstract class PassingCursor(DataViewRow row, DataViewRowCursor input) : DataViewRowCursor
{
    /// <summary>The cursor that moves the row.</summary>
    protected DataViewRowCursor Input => input;

    public override long Position => row.Position;

    public override long Batch => row.Batch;

    public override DataViewSchema Schema => row.Schema;

    public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            row.Dispose();
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
