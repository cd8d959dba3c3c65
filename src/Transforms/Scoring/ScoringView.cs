using Microsoft.ML;

namespace MLNet.Papers.Scoring;

/// <summary>A view with a transformer's columns after those of its input.</summary>
internal sealed class ScoringView(ScoringBinding binding, IDataView source) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => binding.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = binding.Active(columnsNeeded);
        return CreateCursor(source.GetRowCursor(binding.Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = binding.Active(columnsNeeded);
        return [.. source.GetRowCursorSet(binding.Dependencies(active), n, rand).Select(cursor => CreateCursor(cursor, active))];
    }

    private DataViewRowCursor CreateCursor(DataViewRowCursor cursor, bool[] active) =>
        binding.Transformer.ScoresInBatches && binding.ActiveOutputs(active).Contains(true)
            ? new ReadAheadCursor(binding, cursor, active)
            : new RowByRowCursor(new ScoredRow(binding, cursor, active), cursor);
}
