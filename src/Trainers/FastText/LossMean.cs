namespace MLNet.Papers.FastText;

/// <summary>The mean loss of a worker's examples, in nats: minus the logarithm of a product of probabilities.</summary>
internal struct LossMean
{
    // One logarithm serves some dozens of factors: it is taken only before the product could leave the range of a Double.
    private const double Small = 1e-200;

    private double _sum;
    private double _product;

    public LossMean() => _product = 1;

    public long Examples { get; private set; }

    public readonly double Sum => _sum - Math.Log(_product);

    /// <summary>Counts the probability of something that was right; those of one example are multiplied.</summary>
    public void Multiply(float probability)
    {
        _product *= Math.Max(probability, 1e-30f);
        if (_product < Small)
        {
            _sum -= Math.Log(_product);
            _product = 1;
        }
    }

    public void EndExample() => Examples++;
}
