using System.Runtime.Intrinsics;

namespace MLNet.Papers.FastText;

/// <summary>The mean loss of a worker's examples, in nats: minus the logarithm of a product of probabilities.</summary>
internal struct LossMean
{
    // One logarithm serves some dozens of factors: it is taken only before the product could leave the range of a Double.
    private const double Small = 1e-60;
    private const float Least = 1e-30f;

    private double _sum;
    private double _product;

    public LossMean() => _product = 1;

    public long Examples { get; private set; }

    public readonly double Sum => _sum - Math.Log(_product);

    /// <summary>Counts the probability of something that was right; those of one example are multiplied.</summary>
    public void Multiply(float probability) => Multiply((double)Math.Max(probability, Least));

    /// <summary>Counts eight of them at once.</summary>
    public void Multiply(Vector256<float> probabilities)
    {
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Max(probabilities, Vector256.Create(Least)));
        Vector256<double> products = lower * upper;
        Vector128<double> pair = products.GetLower() * products.GetUpper();
        Multiply(pair[0] * pair[1]);
    }

    private void Multiply(double factor)
    {
        _product *= factor;
        if (_product < Small)
        {
            _sum -= Math.Log(_product);
            _product = 1;
        }
    }

    public void EndExample() => EndExamples(1);

    public void EndExamples(int examples) => Examples += examples;
}
