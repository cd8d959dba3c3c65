namespace MLNet.Papers.FlowAutoencoder;

/// <summary>How much codes say of rows, over many rows.</summary>
/// <param name="size">L.</param>
internal sealed class FlowStatistics(int size)
{
    private readonly double[] _divergences = new double[size];
    private readonly double[] _means = new double[size];
    private readonly double[] _squares = new double[size];
    private double _divergence;
    private long _rows;

    public FlowAutoencoderHealth Health => new(
        _divergence / Math.Max(1, _rows), Array.ConvertAll(_divergences, sum => sum / Math.Max(1, _rows)),
        _squares.Count(square => square > FlowAutoencoderHealth.LeastVariance * _rows));

    /// <summary>Adds a row.</summary>
    /// <param name="means">Where the flow begins.</param>
    /// <param name="logDeviations">Logarithms of the deviations there.</param>
    /// <param name="code">The code.</param>
    /// <param name="divergence">ln q_K - ln p of codes that were drawn, their mean.</param>
    public void Add(ReadOnlySpan<float> means, ReadOnlySpan<float> logDeviations, ReadOnlySpan<float> code, double divergence)
    {
        _rows++;
        _divergence += divergence;
        for (int unit = 0; unit < size; unit++)
        {
            double log = Math.Clamp(logDeviations[unit], FlowCodes.LeastLogDeviation, FlowCodes.MostLogDeviation);
            _divergences[unit] += FlowCodes.UnitKl(means[unit], log);
            // Welford's sums.
            double difference = code[unit] - _means[unit];
            _means[unit] += difference / _rows;
            _squares[unit] += difference * (code[unit] - _means[unit]);
        }
    }

    public void Clear()
    {
        (_divergence, _rows) = (0, 0);
        Array.Clear(_divergences);
        Array.Clear(_means);
        Array.Clear(_squares);
    }
}
