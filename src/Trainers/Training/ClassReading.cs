using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Training;

/// <summary>Reads rows with their classes, whatever a row is.</summary>
/// <typeparam name="TRows">What rows are read into.</typeparam>
/// <param name="environment">The environment of the fit.</param>
/// <param name="labelColumn">The name of the label.</param>
/// <param name="channel">Where warnings go.</param>
internal abstract class ClassReading<TRows>(IHostEnvironment environment, string labelColumn, IChannel channel)
    where TRows : IDisposable
{
    /// <summary>The name of the label.</summary>
    protected string LabelColumn { get; } = labelColumn;

    /// <summary>Reads training rows.</summary>
    /// <returns>The rows, to be disposed by the caller, and the classes.</returns>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows or classes with rows, or a feature is not finite.</exception>
    public (TRows Rows, ClassLabels Labels) Read(IDataView data)
    {
        LabelIndex index = LabelIndex.Of(data, LabelColumn, Check);
        var present = new HashSet<int>();
        TRows rows = Read(data, index, "rows", present);
        try
        {
            LabelIndex.RequireTwo(LabelColumn, present.Count, CountOf(rows));
            return (rows, index.Classes);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Reads rows to validate on, whose classes must be those of the training rows.</summary>
    /// <returns>The rows, to be disposed by the caller.</returns>
    /// <exception cref="InvalidOperationException">A class is not among those of training, or a feature is not finite.</exception>
    public TRows ReadLike(ClassLabels labels, IDataView data) =>
        Read(data, LabelIndex.Of(data, LabelColumn, Check).Like(labels, LabelColumn), "validation rows", []);

    /// <summary>Reads the rows that have a label.</summary>
    /// <param name="data">The view.</param>
    /// <param name="index">The classes, and what reads them.</param>
    /// <param name="present">Receives the classes of these rows.</param>
    /// <returns>The rows, and how many others there are.</returns>
    private protected abstract (TRows Rows, int WithoutLabel) Read(IDataView data, LabelIndex index, HashSet<int> present);

    /// <summary>How many rows were read.</summary>
    private protected abstract int CountOf(TRows rows);

    /// <summary>Stops a fit that was cancelled.</summary>
    protected void Check() => Host.ThrowIfCanceled(environment);

    private TRows Read(IDataView data, LabelIndex index, string what, HashSet<int> present)
    {
        (TRows rows, int withoutLabel) = Read(data, index, present);
        LabelIndex.WarnOfMissing(channel, LabelColumn, withoutLabel, what);
        return rows;
    }
}
