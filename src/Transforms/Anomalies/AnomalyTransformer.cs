using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of the detectors of anomalies: how strange a row is beside those that were learned from.</summary>
/// <remarks>
/// <para><b>Output.</b> Score: a Single, the higher the stranger; each detector says what it measures. PredictedLabel: a Boolean, whether the score is above
/// <see cref="Threshold"/>. Percentile: a Single, the percentage of the rows that were learned from whose score is lower. A row of which nothing can be
/// said gets NaN and false. <c>mlContext.AnomalyDetection.Evaluate</c> reads these columns.</para>
/// <para><b>Threshold.</b> It comes from the option Contamination: as large a share of the rows that were learned from is above it, at most. Another one needs
/// no training: see <see cref="WithThreshold"/> and <see cref="WithContamination"/>.</para>
/// </remarks>
public abstract class AnomalyTransformer : ExportableTransformer, IFeatureReader
{
    private readonly AnomalyScores _scores;

    private protected AnomalyTransformer(IHostEnvironment environment, AnomalyScores scores)
        : base(environment) => _scores = scores;

    /// <summary>The name of the column of rows.</summary>
    public abstract string FeatureColumnName { get; }

    /// <summary>The greatest score that is no anomaly.</summary>
    public float Threshold => _scores.Threshold;

    internal abstract DataViewType FeatureColumnType { get; }

    DataViewType IFeatureReader.FeatureColumnType => FeatureColumnType;

    internal sealed override bool ScoresInBatches => true;

    /// <summary>The same detector with another threshold, without training.</summary>
    /// <param name="threshold">The greatest score that is no anomaly; finite.</param>
    /// <returns>A transformer of its own, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not finite.</exception>
    public AnomalyTransformer WithThreshold(float threshold)
    {
        if (!float.IsFinite(threshold))
            throw new ArgumentOutOfRangeException(nameof(threshold), FormattableString.Invariant($"The threshold must be finite, but was {threshold}."));
        return With(_scores with { Threshold = threshold });
    }

    /// <summary>The same detector with the threshold of another contamination, without training.</summary>
    /// <param name="contamination">The share of the rows that were learned from that may be above it. From 0 to 0.5.</param>
    /// <returns>A transformer of its own, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 0.5.</exception>
    public AnomalyTransformer WithContamination(double contamination)
    {
        if (contamination is not (>= 0 and <= 0.5))
        {
            throw new ArgumentOutOfRangeException(
                nameof(contamination), FormattableString.Invariant($"The contamination must be from 0 to 0.5, but was {contamination}."));
        }

        return With(_scores.With(contamination));
    }

    internal sealed override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => AnomalyColumns.Create(input);

    internal sealed override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        ScalarOutputBuffer<bool> labels = OutputBuffer.Scalar<bool>(capacity);
        ScalarOutputBuffer<float> scores = OutputBuffer.Scalar<float>(capacity), percentiles = OutputBuffer.Scalar<float>(capacity);
        return CreateSession(input, capacity, [labels, scores, percentiles], Write);

        void Write(float score, int slot) =>
            (labels[slot], scores[slot], percentiles[slot]) = (score > _scores.Threshold, score, _scores.PercentileOf(score));
    }

    internal sealed override void ToOnnx(OnnxGraph graph)
    {
        (OnnxValue score, OnnxValue missing) = ScoreInOnnx(graph);
        OnnxValue known = graph.Add(score, missing), threshold = graph.Number(_scores.Threshold);
        graph.Output(AnomalyColumns.PredictedLabel, OnnxType.Boolean, graph.Node("Greater", [known, threshold]), OnnxGraph.Batch, 1);
        graph.Output(AnomalyColumns.Score, known, OnnxGraph.Batch, 1);
        graph.Output(AnomalyColumns.Percentile, graph.Add(_scores.PercentileInOnnx(graph, score), missing), OnnxGraph.Batch, 1);
    }

    internal sealed override string? FindOnnxFault(DataViewSchema input)
    {
        if (RowLayout.FindOnnxFault(input[FeatureColumnName]) is { } fault)
            return fault;
        var graph = new OnnxGraph();
        ToOnnx(graph);
        return OnnxStep.FindFault(graph);
    }

    /// <summary>The percentage of the rows that were learned from whose score is lower.</summary>
    internal float PercentileOf(float score) => _scores.PercentileOf(score);

    /// <summary>The same detector with another threshold.</summary>
    private protected abstract AnomalyTransformer With(AnomalyScores scores);

    /// <summary>What a cursor needs.</summary>
    /// <param name="input">The row.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    /// <param name="outputs">A buffer for each output column.</param>
    /// <param name="write">Receives the score of each row, NaN where nothing can be said.</param>
    private protected abstract ScoringSession CreateSession(DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, Action<float, int> write);

    /// <summary>Adds the input and the score to a graph.</summary>
    /// <returns>The score, (B, 1); and 0 for rows that have one, NaN for the others.</returns>
    private protected abstract (OnnxValue Score, OnnxValue Missing) ScoreInOnnx(OnnxGraph graph);
}
