using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Training;

/// <summary>Rows with their classes, for minibatches.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">The most memory for rows.</param>
/// <param name="features">What a network reads.</param>
/// <param name="labelColumn">The name of the label.</param>
/// <param name="channel">Where warnings go.</param>
internal sealed class ClassRows(IHostEnvironment environment, MinibatchOptions options, FeatureColumn features, string labelColumn, IChannel channel)
    : ClassReading<TrainingRows>(environment, labelColumn, channel)
{
    private protected override (TrainingRows Rows, int WithoutLabel) Read(IDataView data, LabelIndex index, HashSet<int> present)
    {
        int size = features.SizeOf(features.Require(data.Schema));
        var rows = new TrainingRows(size, RowPart.Class(TrainingRows.Targets), options, Check);
        try
        {
            return (rows, LabelledRows.ForEach(data, features, LabelColumn, index, Check, (row, label) =>
            {
                present.Add(label);
                rows.Add(row, label);
            }));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private protected override int CountOf(TrainingRows rows) => rows.Count;
}
