using Microsoft.ML;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Scoring;

/// <summary>A view with a transformer's columns after those of its input.</summary>
internal sealed class ScoringView(ScoringBinding binding, IDataView source) : TransformedView(binding.Transformer, source)
{
    public override bool CanShuffle => Source.CanShuffle;

    public override DataViewSchema Schema => binding.OutputSchema;

    public override long? GetRowCount() => Source.GetRowCount();

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = binding.Active(columnsNeeded);
        return CreateCursor(Source.GetRowCursor(binding.Dependencies(active), rand), active);
    }

    public override DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = binding.Active(columnsNeeded);
        return [.. Source.GetRowCursorSet(binding.Dependencies(active), n, rand).Select(cursor => CreateCursor(cursor, active))];
    }

    protected override void RequireOnnx()
    {
        if (binding.Transformer.FindOnnxFault(binding.InputSchema) is { } fault)
        {
            string name = binding.Transformer.GetType().Name, added = binding.OutputSchema[binding.InputSchema.Count].Name;
            throw new InvalidOperationException(
                $"ConvertToOnnx cannot write {name}, which adds column '{added}': {fault}. " +
                "Convert the steps before and after it apart, or save the chain as an " +
                "ML.NET model (mlContext.Model.Save).");
        }
    }

    protected override void AddTo(OnnxChain chain) => binding.Transformer.AddTo(chain, binding);

    private DataViewRowCursor CreateCursor(DataViewRowCursor cursor, bool[] active) =>
        binding.Transformer.ScoresInBatches && binding.ActiveOutputs(active).Contains(true)
            ? new ReadAheadCursor(binding, cursor, active)
            : new RowByRowCursor(new ScoredRow(binding, cursor, active), cursor);
}
