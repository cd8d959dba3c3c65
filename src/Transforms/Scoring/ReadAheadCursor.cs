using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>Reads a batch of rows, scores them at once and then delivers them one by one.</summary>
/// <remarks>The values of the input's active columns are kept for the length of the batch, so that the input is read only once.</remarks>
internal sealed class ReadAheadCursor : DataViewRowCursor
{
    private readonly ScoringBinding _binding;
    private readonly DataViewRowCursor _input;
    private readonly bool[] _active;
    private readonly ScoringSession _session;
    private readonly PassThroughColumn?[] _passThrough;
    private readonly PassThroughColumn[] _kept;
    private readonly ValueGetter<DataViewRowId> _idGetter;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;
    private readonly CurrentSlot _slot = new();
    private int _count;
    private long _position = -1;
    private bool _inputEnded;
    private bool _ended;

    public ReadAheadCursor(ScoringBinding binding, DataViewRowCursor input, bool[] active)
    {
        _binding = binding;
        _input = input;
        _active = active;
        int capacity = binding.Transformer.BatchSize;
        _session = binding.CreateSession(input, binding.ActiveOutputs(active), capacity);
        _passThrough = [.. binding.InputSchema.Select(column => active[column.Index] ? PassThroughColumn.Create(input, column, capacity) : null)];
        _kept = [.. _passThrough.OfType<PassThroughColumn>()];
        _idGetter = input.GetIdGetter();
        _ids = new DataViewRowId[capacity];
        _batches = new long[capacity];
    }

    public override long Position => _position;

    public override long Batch => _position < 0 ? 0 : _batches[_slot.Index];

    public override DataViewSchema Schema => _binding.OutputSchema;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw ScoringBinding.Inactive(column);
        Delegate getter = _binding.IsInput(column)
            ? _passThrough[column.Index]!.CreateGetter(_slot)
            : _session.Outputs[_binding.OutputIndex(column)]!.CreateGetter(_slot);
        return ScoringBinding.Cast<TValue>(getter, column);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _ids[_slot.Current];

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        if (++_slot.Index == _count && !TryReadBatch())
        {
            Dispose();
            return false;
        }

        _position++;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            _position = -1;
            _slot.Index = -1;
            _session.Dispose();
            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    // A row that cannot be read or scored ends the cursor: what the batch before left behind must not stand for later rows.
    private bool TryReadBatch()
    {
        try
        {
            return ReadBatch();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private bool ReadBatch()
    {
        _slot.Index = 0;
        _count = 0;
        long bytes = 0;
        // What a session was full of is forgotten when it reads the next row.
        while (_count < _ids.Length && bytes < ScoringMemory.MostBytesPassedThrough && !_inputEnded && (_count == 0 || !_session.IsFull))
        {
            if (!_input.MoveNext())
            {
                _inputEnded = true;
                break;
            }

            _idGetter(ref _ids[_count]);
            _batches[_count] = _input.Batch;
            foreach (PassThroughColumn column in _kept)
            {
                column.Read(_count);
                bytes += column.BytesOf(_count);
            }

            _session.ReadRow(_count);
            _count++;
        }

        if (_count == 0)
            return false;
        _session.Score(_count);
        return true;
    }
}
