using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>A row with a transformer's columns after those of its input; scored when a value is asked for, once a position.</summary>
internal sealed class ScoredRow : DataViewRow
{
    private readonly ScoringBinding _binding;
    private readonly DataViewRow _input;
    private readonly bool[] _active;
    private readonly ScoringSession? _session;
    private readonly CurrentSlot _slot = new() { Index = 0 };
    private long _scoredPosition = long.MinValue;

    public ScoredRow(ScoringBinding binding, DataViewRow input, bool[] active)
    {
        _binding = binding;
        _input = input;
        _active = active;
        bool[] activeOutputs = binding.ActiveOutputs(active);
        _session = activeOutputs.Contains(true) ? binding.CreateSession(input, activeOutputs, capacity: 1) : null;
    }

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override DataViewSchema Schema => _binding.OutputSchema;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw ScoringBinding.Inactive(column);
        if (_binding.IsInput(column))
            return _input.GetGetter<TValue>(_binding.InputSchema[column.Index]);
        ValueGetter<TValue> getter = ScoringBinding.Cast<TValue>(_session!.Outputs[_binding.OutputIndex(column)]!.CreateGetter(_slot), column);
        return (ref TValue value) =>
        {
            ScoreOnce();
            getter(ref value);
        };
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _session?.Dispose();
        base.Dispose(disposing);
    }

    private void ScoreOnce()
    {
        if (_scoredPosition == _input.Position)
            return;
        if (_input.Position < 0)
            throw new InvalidOperationException("The row has no values: its cursor stands before the first or after the last row.");
        _scoredPosition = long.MinValue;  // where reading or scoring fails, the row before must not answer
        _session!.ReadRow(0);
        _session.Score(1);
        _scoredPosition = _input.Position;
    }
}

/// <summary>A cursor whose rows are scored one by one, and only if their values are asked for.</summary>
internal sealed class RowByRowCursor(ScoredRow row, DataViewRowCursor input) : PassingCursor(row, input)
{
    private bool _ended;

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        _ended = true;  // and so it stays if the input throws
        _ended = !Input.MoveNext();
        return !_ended;
    }
}

/// <summary>The row mapper that a <c>PredictionEngine</c> and a transformer chain use.</summary>
internal sealed class RowMapper(ScoringBinding binding) : IRowToRowMapper
{
    public DataViewSchema InputSchema => binding.InputSchema;

    public DataViewSchema OutputSchema => binding.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        binding.Dependencies(binding.Active(dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw new ArgumentException("The row has another schema than the one this mapper was made for.", nameof(input));
        return new ScoredRow(binding, input, binding.Active(activeColumns));
    }
}
