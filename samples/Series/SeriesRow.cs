using Microsoft.ML;

namespace MLNet.Papers.Samples.Series;

/// <summary>A series with what is to be learned of it: a number, or the name of a class.</summary>
internal sealed class SeriesRow
{
    /// <summary>The values of the first step, then those of the second, and so on.</summary>
    public float[] Series { get; set; } = [];

    /// <summary>The number.</summary>
    public float Number { get; set; }

    /// <summary>The class.</summary>
    public string Class { get; set; } = "";

    /// <summary>Rows as a view.</summary>
    public static IDataView View(MLContext ml, IEnumerable<SeriesRow> rows) => ml.Data.LoadFromEnumerable(rows);
}
