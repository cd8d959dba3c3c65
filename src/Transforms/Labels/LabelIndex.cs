using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.Papers.Labels;

/// <summary>The classes of a label column, and how a label becomes the number of its class. A row has one label, or a vector of them.</summary>
internal abstract class LabelIndex
{
    /// <summary>The classes; none if the label is no key and no row has one.</summary>
    public abstract ClassLabels Classes { get; }

    /// <summary>How many labels were found to be missing; 0 for keys, whose rows are not read.</summary>
    public int RowsWithoutLabel { get; private protected init; }

    /// <summary>Reads the labels of rows.</summary>
    public abstract KeyInput Reader(DataViewRow row);

    /// <summary>The classes of a key column as it names them; of another one the distinct values, sorted, for which the rows are read once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="name">A label column.</param>
    /// <param name="check">Called for every row that is read; throws to stop.</param>
    public static LabelIndex Of(IDataView data, string name, Action? check = null)
    {
        DataViewSchema.Column column = data.Schema[name];
        DataViewType item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return item is KeyDataViewType
            ? new Keys(column)
            : ClassLabels.Dispatch((PrimitiveDataViewType)item, new ValueReader(data, column, (PrimitiveDataViewType)item, check));
    }

    /// <summary>Reads a column that is no key as classes that are known; what is none of them has no label.</summary>
    /// <param name="column">A label column of texts, numbers or Booleans.</param>
    /// <param name="classes">The classes.</param>
    public static LabelIndex Of(DataViewSchema.Column column, ClassLabels classes) =>
        ClassLabels.Dispatch((PrimitiveDataViewType)column.Type, new ValueParser(column, classes));

    /// <summary>The labels of rows to validate on, as numbers of the classes of the training.</summary>
    /// <param name="training">These classes.</param>
    /// <param name="column">The column, for the error of a reader: a label is none of them.</param>
    public LabelIndex Like(ClassLabels training, string column) => new Known(this, training, column);

    /// <summary>Refuses rows from whose labels nothing can be learned.</summary>
    /// <param name="column">The column.</param>
    /// <param name="present">How many different classes rows have.</param>
    /// <param name="rows">How many rows have one.</param>
    /// <exception cref="InvalidOperationException">There are fewer than 2 classes.</exception>
    public static void RequireTwo(string column, int present, int rows)
    {
        if (present < 2)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Column '{column}' must have rows of at least 2 classes, but {rows} rows with a label have {present}."));
        }
    }

    /// <summary>Says in a warning how many rows have no label, if any has none.</summary>
    /// <param name="channel">Where warnings go.</param>
    /// <param name="column">The column.</param>
    /// <param name="missing">How many have none.</param>
    /// <param name="what">What they are.</param>
    public static void WarnOfMissing(IChannel channel, string column, long missing, string what = "rows")
    {
        if (missing > 0)
            channel.Warning(MessageSensitivity.Schema, FormattableString.Invariant($"Column '{column}' is missing in {missing} {what}, which are left out."));
    }

    private sealed class Known : LabelIndex
    {
        private readonly LabelIndex _own;
        private readonly string _column;
        private readonly int[] _known;

        public Known(LabelIndex own, ClassLabels training, string column)
        {
            (_own, _column, Classes, RowsWithoutLabel) = (own, column, training, own.RowsWithoutLabel);
            _known = [.. own.Classes.Names.Select(training.Find)];
        }

        public override ClassLabels Classes { get; }

        public override KeyInput Reader(DataViewRow row) => _own.Reader(row).Renumber(label => _known[label] >= 0
            ? _known[label]
            : throw new InvalidOperationException(
                $"Column '{_column}' of Validation has the class '{_own.Classes.Names[label]}', which the training data do not have."));
    }

    private sealed class Keys(DataViewSchema.Column column) : LabelIndex
    {
        public override ClassLabels Classes { get; } = ClassLabels.Of(column);

        public override KeyInput Reader(DataViewRow row) => KeyInput.Create(row, column.Name);
    }

    private sealed class ValueReader(IDataView data, DataViewSchema.Column column, PrimitiveDataViewType itemType, Action? check)
        : ClassLabels.ITypedOperation<LabelIndex>
    {
        public LabelIndex Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull
        {
            if (itemType is TextDataViewType)
            {
                var texts = new HashSet<string>();
                HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = texts.GetAlternateLookup<ReadOnlySpan<char>>();
                int withoutText = ForEach<ReadOnlyMemory<char>>(text => text.IsEmpty, text => lookup.Add(text.Span));
                return new Texts(column, new ClassLabels(itemType, [.. texts.Order(StringComparer.Ordinal)])) { RowsWithoutLabel = withoutText };
            }

            var values = new HashSet<T>();
            int missing = ForEach<T>(IsMissing, value => values.Add(value));
            T[] sorted = [.. values.Order()];
            Dictionary<T, int> keys = sorted.Select((key, index) => (key, index)).ToDictionary(pair => pair.key, pair => pair.index);
            return new Values<T>(column, new ClassLabels(itemType, [.. sorted.Select(format)]), keys) { RowsWithoutLabel = missing };
        }

        private int ForEach<T>(Func<T, bool> isMissing, Action<T> take)
        {
            int missing = 0;
            using DataViewRowCursor cursor = data.GetRowCursor([column]);
            LabelValues<T> values = LabelValues.Reader<T>(cursor, column);
            while (cursor.MoveNext())
            {
                check?.Invoke();
                foreach (T value in values())
                {
                    if (isMissing(value))
                        missing++;
                    else
                        take(value);
                }
            }

            return missing;
        }
    }

    private sealed class ValueParser(DataViewSchema.Column column, ClassLabels classes) : ClassLabels.ITypedOperation<LabelIndex>
    {
        public LabelIndex Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull
        {
            if (column.Type is TextDataViewType)
                return new Texts(column, classes);
            var values = new Dictionary<T, int>();
            for (int index = 0; index < classes.Count; index++)
            {
                try
                {
                    values[parse(classes.Names[index])] = index;
                }
                catch (Exception exception) when (exception is FormatException or OverflowException)
                {
                    // No value of the column is this class.
                }
            }

            return new Values<T>(column, classes, values);
        }
    }

    private sealed class Texts(DataViewSchema.Column column, ClassLabels classes) : LabelIndex
    {
        private readonly Dictionary<string, int> _keys = classes.Names.Select((name, key) => (name, key)).ToDictionary(pair => pair.name, pair => pair.key);

        public override ClassLabels Classes => classes;

        public override KeyInput Reader(DataViewRow row)
        {
            Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
            return KeyInput.Create<ReadOnlyMemory<char>>(row, column, text => lookup.TryGetValue(text.Span, out int key) ? key : -1);
        }
    }

    private sealed class Values<T>(DataViewSchema.Column column, ClassLabels classes, Dictionary<T, int> keys) : LabelIndex
        where T : notnull
    {
        public override ClassLabels Classes => classes;

        public override KeyInput Reader(DataViewRow row) =>
            KeyInput.Create<T>(row, column, value => IsMissing(value) ? -1 : keys.GetValueOrDefault(value, -1));
    }

    private static bool IsMissing<T>(T value) => value is float.NaN or double.NaN;
}
