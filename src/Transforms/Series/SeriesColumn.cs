using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Series;

/// <summary>A column of series: vectors of Single, of known length or not, in which the values of a step stand side by side; or vectors of keys.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Channels">p, the values of a step; keys are one.</param>
/// <param name="Symbols">How many keys there are, 0 for numbers; null for either.</param>
internal sealed record SeriesColumn(string Name, int Channels = 1, int? Symbols = null) : InputColumn
{
    /// <summary>The length of the vectors; null for any.</summary>
    public int? Length { get; init; }

    /// <summary>How many keys a column that was checked has; 0 if it has numbers.</summary>
    public static int SymbolsOf(DataViewSchema.Column column) =>
        ((VectorDataViewType)column.Type).ItemType is KeyDataViewType key ? checked((int)key.Count) : 0;

    /// <summary>The length of the vectors of a column that was checked; 0 where it differs from row to row.</summary>
    public static int LengthOf(DataViewSchema.Column column) => ((VectorDataViewType)column.Type).Size;

    internal override string? FindFault(ColumnType type)
    {
        bool isKeys = type.IsKey, isSingles = type.IsSingle;
        if (type.Kind == VectorKind.Scalar || !(isKeys || isSingles) || (isKeys && Symbols == 0) || (isSingles && Symbols > 0)
            || (isKeys && Symbols > 0 && type.Vector?.ItemType is KeyDataViewType { Count: var count } && count != (ulong)Symbols))
        {
            return Symbols switch
            {
                null => "a vector of Single or of keys of known count",
                0 => "a vector of Single",
                _ => FormattableString.Invariant($"a vector of {Symbols} different keys"),
            };
        }

        if (isKeys && Channels > 1)
            return FormattableString.Invariant($"a vector of Single, for Channels is {Channels}");
        if (!type.Allows(Length))
            return FormattableString.Invariant($"a vector of length {Length}");
        return type.Length % Channels is null or 0
            ? null
            : FormattableString.Invariant($"a vector whose length is a multiple of Channels = {Channels}");
    }

    internal override InputColumn Like(DataViewSchema.Column training) =>
        this with { Symbols = SymbolsOf(training), Length = LengthOf(training) is var length and > 0 ? length : null };

    /// <summary>What reads the column of a row.</summary>
    public SeriesReader CreateReader(DataViewRow row) => SeriesReader.Create(row, row.Schema[Name], Channels);
}

/// <summary>Reads the series of a column: p values of each step, or the number of a key from 1, 0 where it is missing.</summary>
internal abstract class SeriesReader
{
    public static SeriesReader Create(DataViewRow row, DataViewSchema.Column column, int channels) =>
        SeriesColumn.SymbolsOf(column) > 0 ? new KeyReader(row, column) : new NumberReader(row, column, channels);

    /// <summary>The current row's series; it lasts until the next call.</summary>
    /// <exception cref="InvalidOperationException">Its length is not that of the column's type, or no multiple of the channels.</exception>
    public abstract ReadOnlySpan<float> Read();

    private sealed class NumberReader(DataViewRow row, DataViewSchema.Column column, int channels) : SeriesReader
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        private VBuffer<float> _vector;
        private float[] _dense = [];

        public override ReadOnlySpan<float> Read()
        {
            _getter(ref _vector);
            InputColumns.RequireLength(column, _vector.Length, row.Position);
            if (_vector.Length % channels != 0)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{column.Name}' must have a multiple of Channels = {channels} values in every row, ") +
                    FormattableString.Invariant($"but has {_vector.Length} in row {row.Position}."));
            }

            if (_vector.IsDense)
                return _vector.GetValues();
            if (_dense.Length < _vector.Length)
                Array.Resize(ref _dense, _vector.Length);
            _vector.CopyTo(_dense);
            return _dense.AsSpan(0, _vector.Length);
        }
    }

    private sealed class KeyReader(DataViewRow row, DataViewSchema.Column column) : SeriesReader
    {
        private readonly Labels.KeyInput _keys = Labels.KeyInput.Create(row, column.Name);
        private float[] _numbers = [];

        public override ReadOnlySpan<float> Read()
        {
            ReadOnlySpan<int> keys = _keys.ReadAll();
            if (_numbers.Length < keys.Length)
                Array.Resize(ref _numbers, keys.Length);
            for (int i = 0; i < keys.Length; i++)
                _numbers[i] = keys[i] + 1;
            return _numbers.AsSpan(0, keys.Length);
        }
    }
}
