using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Samples.Anomalies;

/// <summary>Usual rows to learn from, and others, usual and strange ones, to be told apart.</summary>
/// <param name="Training">Usual rows.</param>
/// <param name="Test">Other rows.</param>
/// <param name="IsStrange">Which of them are strange.</param>
/// <param name="ImageShape">The image that a row is; null for a table.</param>
internal sealed record AnomalySet(float[][] Training, float[][] Test, bool[] IsStrange, ImageShape? ImageShape)
{
    /// <summary>Makes a set of usual and strange rows: seven of ten usual rows are learned from.</summary>
    /// <param name="usual">Usual rows.</param>
    /// <param name="strange">Strange ones.</param>
    /// <param name="image">The image that a row is; null for a table.</param>
    /// <param name="random">What shuffles them.</param>
    public static AnomalySet Split(float[][] usual, float[][] strange, ImageShape? image, Random random)
    {
        float[][] shuffled = [.. usual];
        random.Shuffle(shuffled);
        int training = shuffled.Length * 7 / 10;
        float[][] test = [.. shuffled[training..], .. strange];
        return new(shuffled[..training], test, [.. test.Select((_, row) => row >= shuffled.Length - training)], image);
    }

    /// <summary>What a decoder says of numbers: ink is from 0 to 1.</summary>
    public Likelihood Likelihood => ImageShape is null ? Likelihood.Gaussian : Likelihood.Bernoulli;

    /// <summary>A view of the rows to learn from, in the column Features.</summary>
    public IDataView TrainingView(MLContext ml) => View(ml, Training, null);

    /// <summary>A view of the rows to tell apart, in the columns Features and Label.</summary>
    public IDataView TestView(MLContext ml) => View(ml, Test, IsStrange);

    private static IDataView View(MLContext ml, float[][] rows, bool[]? isStrange)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Length);
        return ml.Data.LoadFromEnumerable(rows.Select((row, i) => new Row { Features = row, Label = isStrange?[i] ?? false }).ToArray(), schema);
    }

    private sealed class Row
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }
}
