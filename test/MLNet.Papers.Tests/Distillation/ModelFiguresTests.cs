using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Distillation;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>The speed of a model in a report, with a clock that goes on by what the model is said to take.</summary>
[TestClass]
public sealed class ModelFiguresTests
{
    // A quarter of a millisecond a row, and twelve times that for every 300th, as where memory is collected: seldom enough to be missed by few rows, or to be
    // all that few rows tell.
    [TestMethod]
    [DataRow(1, DisplayName = "a single row")]
    [DataRow(48)]
    [DataRow(301, DisplayName = "one row more than are scored in the first 0.3 seconds")]
    [DataRow(5_000)]
    public void Speed_rests_on_many_rows_however_few_the_data_has(int rows)
    {
        var clock = new ScriptedClock();
        double speed = Measure(clock, rows, row => TimeSpan.FromMilliseconds(row % 300 == 0 ? 3 : 0.25));
        Assert.AreEqual(1 / (0.00025 + (0.00275 / 300)), speed, 200);
        Assert.IsLessThan(1.1, clock.Now.TotalSeconds);
        Assert.IsGreaterThan(1_024, clock.Scored);
    }

    [TestMethod]
    public void Opening_a_cursor_does_not_count()
    {
        var clock = new ScriptedClock();
        double speed = Measure(clock, 48, _ => TimeSpan.FromMilliseconds(0.1), opening: TimeSpan.FromMilliseconds(5));
        Assert.AreEqual(10_000, speed, 1);
    }

    [TestMethod]
    public void Rows_before_the_code_is_warm_do_not_count()
    {
        var clock = new ScriptedClock();
        Assert.AreEqual(10_000, Measure(clock, 100_000, row => TimeSpan.FromMilliseconds(row < 200 ? 1.4 : 0.1)), 1);
        Assert.AreEqual(10_000, Measure(new(), 100, row => TimeSpan.FromMilliseconds(row < 200 ? 1 : 0.1)), 1);
    }

    [TestMethod]
    public void Slow_models_are_measured_for_a_second()
    {
        var clock = new ScriptedClock();
        Assert.AreEqual(50, Measure(clock, 1_000, _ => TimeSpan.FromMilliseconds(20)), 1e-6);
        Assert.AreEqual(1, clock.Now.TotalSeconds, 0.02);
    }

    [TestMethod]
    public void Too_few_rows_for_a_speed_are_NaN()
    {
        var clock = new ScriptedClock();
        Assert.AreEqual(double.NaN, Measure(clock, 1_000, _ => TimeSpan.FromSeconds(0.4)));
        Assert.AreEqual(3, clock.Scored);
        Assert.AreEqual(double.NaN, Measure(clock, 0, _ => TimeSpan.Zero));
        var entry = new DistillationReportEntry("teacher", false, null, null, null, null, null, null, double.NaN);
        StringAssert.Contains(new DistillationReport([entry], 1_000, 0, 0).ToString(), "NaN");
    }

    private static double Measure(ScriptedClock clock, int rows, Func<int, TimeSpan> takes, TimeSpan opening = default) =>
        ModelFigures.RowsPerSecond(
            new ScriptedModel(new ScriptedRows(clock, rows, takes, opening)), new MemoryView([MemoryColumn.Vectors("Score", [[1f]])]), ["Score"], () => { },
            clock);

    private sealed class ScriptedClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public int Scored { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    /// <summary>A model that gives the same rows whatever it is given.</summary>
    private sealed class ScriptedModel(ScriptedRows rows) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => rows.Schema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => rows;

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }

    /// <summary>Rows that take their time, as the cursor takes its own to open.</summary>
    private sealed class ScriptedRows(ScriptedClock clock, int count, Func<int, TimeSpan> takes, TimeSpan opening) : IDataView
    {
        private readonly MemoryView _rows = new MemoryView([MemoryColumn.Vectors("Score", [[1f]])]).Take(Enumerable.Repeat(0, count));

        public bool CanShuffle => false;

        public DataViewSchema Schema => _rows.Schema;

        public long? GetRowCount() => count;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            clock.Now += opening;
            return new Cursor(_rows.GetRowCursor(columnsNeeded, rand), () => clock.Now += takes(clock.Scored++));
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor(DataViewRowCursor rows, Action moved) : DataViewRowCursor
    {
        public override long Position => rows.Position;

        public override long Batch => rows.Batch;

        public override DataViewSchema Schema => rows.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => rows.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => rows.GetGetter<TValue>(column);

        public override bool MoveNext()
        {
            bool hasRow = rows.MoveNext();
            if (hasRow)
                moved();
            return hasRow;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rows.Dispose();
            base.Dispose(disposing);
        }
    }
}
