using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using TorchSharp;

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>The transformed data of a <see cref="FaultyTransformer"/>.</summary>
internal sealed class FaultyView : TransformedView
{
    private readonly FaultyTransformer _model;
    private readonly IDataView _input;
    private readonly IDataView _sound;

    public FaultyView(FaultyTransformer model, IDataView input, IDataView sound)
        : base(model, input)
    {
        _model = model;
        _input = input;
        _sound = sound;
        Schema = model.Fault == Fault.TransformedDataLoseAnnotations ? FaultyTransformer.Copy(sound.Schema, null) : model.Adjust(sound.Schema);
    }

    public override bool CanShuffle => _sound.CanShuffle;

    public override DataViewSchema Schema { get; }

    public override long? GetRowCount() => _sound.GetRowCount();

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        if (_model.Fault == Fault.EveryCursorKeepsATensor)
            FaultyTransformer.KeptTensors.Add(torch.zeros(1));
        DataViewSchema.Column[] columns = [.. columnsNeeded.Select(column => _sound.Schema[column.Index])];
        return Wrap(_sound.GetRowCursor(columns, _model.Fault == Fault.NeverShuffles ? null : rand), columns, isShuffled: rand is not null);
    }

    public override DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded.Select(column => _sound.Schema[column.Index])];
        return
        [
            .. _sound.GetRowCursorSet(columns, n, rand).Skip(_model.Fault == Fault.CursorSetLosesRows ? 1 : 0)
                .Select(cursor => Wrap(cursor, columns, isShuffled: false)),
        ];
    }

    protected override void RequireOnnx() => throw new InvalidOperationException("ConvertToOnnx cannot write a model of the tests.");

    protected override void AddTo(OnnxChain chain) => throw new NotSupportedException();

    private FaultyCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] columns, bool isShuffled)
    {
        bool isAlone = columns.Count(column => column.Index >= _input.Schema.Count) == 1;
        int lost = _model.Fault == Fault.LosesTheRowAfterAFullBatch && _input.GetRowCount() == _model.BatchSize + 1 ? _model.BatchSize : int.MaxValue;
        return new FaultyCursor(_model, this, cursor, columns.Length, isShuffled, isAlone, lost);
    }
}

/// <summary>A view that does not say what it was made of.</summary>
internal sealed class UnrelatedView(IDataView view) : IDataView
{
    public bool CanShuffle => view.CanShuffle;

    public DataViewSchema Schema => view.Schema;

    public long? GetRowCount() => view.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => view.GetRowCursor(columnsNeeded, rand);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        view.GetRowCursorSet(columnsNeeded, n, rand);
}

/// <summary>A cursor of a <see cref="FaultyView"/>.</summary>
internal sealed class FaultyCursor : DataViewRowCursor
{
    [ThreadStatic]
    private static float _threadBuffer;

    private static int _opened;
    private static int _open;

    private readonly FaultyTransformer _model;
    private readonly FaultyView _view;
    private readonly DataViewRowCursor _sound;
    private readonly int _columnCount;
    private readonly bool _isShuffled;
    private readonly bool _isAlone;
    private readonly int _rows;
    private readonly int _number = Interlocked.Increment(ref _opened);
    private bool _wasNaN;
    private bool _failed;
    private bool _isClosed;

    public FaultyCursor(FaultyTransformer model, FaultyView view, DataViewRowCursor sound, int columnCount, bool isShuffled, bool isAlone, int rows)
    {
        _model = model;
        _view = view;
        _sound = sound;
        _columnCount = columnCount;
        _isShuffled = isShuffled;
        _isAlone = isAlone;
        _rows = rows;
        Schema = model.Fault == Fault.CursorHasItsOwnSchema ? FaultyTransformer.Copy(view.Schema, null) : view.Schema;
        Interlocked.Increment(ref _open);
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _sound.Position;

    public override long Batch => _sound.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _sound.IsColumnActive(column);

    public override ValueGetter<DataViewRowId> GetIdGetter()
    {
        ValueGetter<DataViewRowId> getter = _sound.GetIdGetter();
        return (ref DataViewRowId value) =>
        {
            getter(ref value);
            if (_model.Fault == Fault.IdsCollide)
                value = new DataViewRowId(0, value.High / 2);
            if (_model.Fault == Fault.IdsDependOnTheColumns && _columnCount < _view.Schema.Count)
                value = new DataViewRowId(value.Low, value.High + 1);
        };
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ValueGetter<TValue> getter = _sound.GetGetter<TValue>(column);
        if (_model.Fault == Fault.PredictsALabelForNaN && getter is ValueGetter<uint> keys && column.Name == StubTransformer.PredictedLabel)
        {
            return (ValueGetter<TValue>)(object)(ValueGetter<uint>)((ref uint value) =>
            {
                keys(ref value);
                value = Math.Max(value, 1);
            });
        }

        return Change(getter, column, Spoil);
    }

    public override bool MoveNext()
    {
        try
        {
            if (_sound.Position + 1 >= _rows || !_sound.MoveNext())
                return _failed;
        }
        catch
        {
            _failed = _model.Fault == Fault.GoesOnAfterAnException;
            throw;
        }

        _threadBuffer = _sound.Position;
        return true;
    }

    /// <summary>A getter that changes what it gets if the column is the score.</summary>
    public static ValueGetter<TValue> Change<TValue>(ValueGetter<TValue> getter, DataViewSchema.Column column, Action<float[]> change)
    {
        if (column.Name != StubTransformer.Score || getter is not ValueGetter<VBuffer<float>> scores)
            return getter;
        return (ValueGetter<TValue>)(object)(ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            scores(ref value);
            float[] changed = [.. value.DenseValues()];
            change(changed);
            value = new VBuffer<float>(changed.Length, changed);
        });
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            _isClosed = true;
            Interlocked.Decrement(ref _open);
            _sound.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Spoil(float[] score)
    {
        bool isNaN = float.IsNaN(score[0]);
        score[0] += _model.Shift + _model.Fault switch
        {
            Fault.ScoreAloneIsWrong when _isAlone => 1,
            Fault.ShuffledRowsGetOtherValues when _isShuffled => 1,
            Fault.CursorsShareABuffer => _threadBuffer - Position,
            Fault.ThreadsShareABuffer => PooledDifference(score[0]),
            Fault.CrashesOnScoringNaN when isNaN => throw new InvalidOperationException("The input is not finite."),
            Fault.NaNSpoilsTheNextRow when _wasNaN => 1,
            _ => 0,
        };
        _wasNaN = isNaN;
    }

    // With more cursors than buffers two of them share one. Waiting for the other one makes the race happen every time.
    private float PooledDifference(float score)
    {
        (float Value, int Writer)[] pool = _model.PooledBuffers;
        ref (float Value, int Writer) buffer = ref pool[_number % pool.Length];
        buffer = (score, _number);
        if (_open > pool.Length)
            SpinWait.SpinUntil(() => pool[_number % pool.Length].Writer != _number, TimeSpan.FromMilliseconds(100));
        return buffer.Value - score;
    }
}
