using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers.Codes;

/// <summary>Rows to learn codes of, on the scale that their encoder reads; NaN where a value is missing.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Validation">Other rows to validate on, or null.</param>
/// <param name="Layout">What a row is.</param>
/// <param name="Column">The column that they were read from.</param>
internal sealed record AutoencoderRows(TrainingRows Rows, TrainingRows? Validation, RowLayout Layout, DataViewSchema.Column Column) : IDisposable
{
    private const string CategoricalSlotRanges = "CategoricalSlotRanges";

    /// <summary>Whether they are pictures.</summary>
    public bool HasPictures => Column.Type is not VectorDataViewType;

    /// <summary>Whether the type of the pictures says their size, and this is that of the rows.</summary>
    public bool PicturesHaveSize =>
        Column.Type is ImageDataViewType type && Layout.Image is { } shape && (type.Height, type.Width) == (shape.Height, shape.Width);

    /// <summary>The dimensions of vectors.</summary>
    public IReadOnlyList<int> Dimensions => Column.Type is VectorDataViewType vector ? [.. vector.Dimensions] : [];

    /// <summary>Reads a view, and other rows to validate on, in one pass each.</summary>
    /// <exception cref="InvalidOperationException">
    /// A number is not finite, or not from 0 to 1 where it must be; a picture is missing; or all rows are the same. The message names the column.
    /// </exception>
    public static AutoencoderRows Read(
        IDataView data, IDataView? validation, FeatureColumn column, AutoencoderOptions options, IHostEnvironment environment, Action<TrainingRows> require)
    {
        DataViewSchema.Column read = data.Schema[column.Name];
        int size = column.SizeOf(read);
        SlotRange[] ranges = SlotRange.Cut(size, column.Image is null ? CategoriesOf(read) : []);
        var moments = new Moments(size, ranges, isOne: column.Image is not null);
        TrainingRows rows = Read(data, column, size, ranges, options, environment, moments.Add);
        TrainingRows? others = null;
        try
        {
            require(rows);
            var layout = new RowLayout(
                size, column.Image, ranges, options.Likelihood, options.ReadMissing, ScaleOf(moments, ranges, column.Name, options, rows.Count));
            Standardize(rows, layout);
            others = validation is null ? null : Standardize(Read(validation, column, size, ranges, options, environment, _ => { }), layout);
            return new(rows, others, layout, read);
        }
        catch
        {
            rows.Dispose();
            others?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Rows.Dispose();
        Validation?.Dispose();
    }

    // What OneHotEncoding and Concatenate say of slots: first and last of each category.
    private static int[] CategoriesOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(CategoricalSlotRanges)?.Type is not VectorDataViewType { ItemType.RawType: var item }
            || item != typeof(int))
        {
            return [];
        }

        VBuffer<int> ranges = default;
        column.Annotations.GetValue(CategoricalSlotRanges, ref ranges);
        return [.. ranges.DenseValues()];
    }

    private static StandardScale ScaleOf(Moments moments, SlotRange[] ranges, string column, AutoencoderOptions options, int rows)
    {
        if (options.Likelihood == Likelihood.Bernoulli)
            return new([0], [1]);
        StandardScale scale = moments.Scale();
        // A category says something even where it is always the same one.
        return moments.HasVariance || ranges.Any(range => range.IsCategory)
            ? scale
            : throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{column}' has no variance: all {rows} rows are the same, and there is nothing to learn from them."));
    }

    private static TrainingRows Standardize(TrainingRows rows, RowLayout layout)
    {
        float[] values = new float[layout.Size], standard = new float[layout.Size];
        for (int row = 0; row < rows.Count; row++)
        {
            rows.Read(row, TrainingRows.Inputs, values);
            layout.Standardize(values, standard);
            layout.SpreadMissing(standard);
            rows.Write(row, TrainingRows.Inputs, standard);
        }

        return rows;
    }

    private static TrainingRows Read(
        IDataView data, FeatureColumn column, int size, SlotRange[] ranges, AutoencoderOptions options, IHostEnvironment environment, Action<float[]> see)
    {
        float[] values = new float[size];
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column.Name]]);
        RowReader reader = column.CreateReader(cursor);
        var rows = new TrainingRows(size, null, options, Check);
        try
        {
            while (cursor.MoveNext())
            {
                Check();
                reader.Read(values);
                RequireNumbers(values, ranges, options, column.Name, reader, cursor.Position);
                see(values);
                rows.Add(values);
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }

        void Check() => Host.ThrowIfCanceled(environment);
    }

    private static void RequireNumbers(float[] values, SlotRange[] ranges, AutoencoderOptions options, string column, RowReader reader, long row)
    {
        if (!FiniteValues.AreAll(values))
        {
            foreach (float value in values)
            {
                if (!float.IsFinite(value) && !(options.ReadMissing && float.IsNaN(value)))
                    throw new InvalidOperationException($"Column '{column}' {reader.Describe(value, row)}");
            }
        }

        foreach (SlotRange range in ranges)
        {
            foreach (float value in values.AsSpan(range.First, range.Count))
            {
                if (value < 0 && range.IsCategory)
                    throw Outside(value, "at least 0 in the slots of a category");
                if (value is < 0 or > 1 && !range.IsCategory && options.Likelihood == Likelihood.Bernoulli)
                    throw Outside(value, "from 0 to 1 with Likelihood.Bernoulli");
            }
        }

        InvalidOperationException Outside(float value, string rule) =>
            new(string.Create(CultureInfo.InvariantCulture, $"Column '{column}' must be {rule}, but has {value} in row {row}."));
    }

    /// <summary>Mean and variance of the numbers that were seen, by Welford, "Note on a Method for Calculating Corrected Sums of Squares", 1962.</summary>
    private sealed class Moments(int size, SlotRange[] ranges, bool isOne)
    {
        private readonly double[] _means = new double[isOne ? 1 : size];
        private readonly double[] _squares = new double[isOne ? 1 : size];
        private readonly long[] _counts = new long[isOne ? 1 : size];

        public bool HasVariance => _squares.Any(sum => sum > 0);

        public void Add(float[] row)
        {
            foreach (SlotRange range in ranges)
            {
                if (range.IsCategory)
                    continue;
                for (int slot = range.First; slot < range.First + range.Count; slot++)
                    Add(isOne ? 0 : slot, row[slot]);
            }
        }

        // Categories are read as they are, and what never changes keeps its unit.
        public StandardScale Scale() => new(_means, [.. _squares.Zip(_counts, (sum, count) => sum > 0 ? Math.Sqrt(sum / count) : 1)]);

        private void Add(int place, float value)
        {
            if (float.IsNaN(value))
                return;
            double difference = value - _means[place];
            _means[place] += difference / ++_counts[place];
            _squares[place] += difference * (value - _means[place]);
        }
    }
}
