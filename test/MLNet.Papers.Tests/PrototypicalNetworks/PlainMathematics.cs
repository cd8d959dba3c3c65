namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Equations 1 and 2 of Snell, Swersky and Zemel (2017) once more: in double precision, with distances spelled out and no tensor.</summary>
internal static class PlainMathematics
{
    /// <summary>The mean of some vectors.</summary>
    public static double[] Mean(params double[][] vectors) => [.. vectors[0].Select((_, i) => vectors.Average(vector => vector[i]))];

    public static double SquaredEuclidean(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    public static double Cosine(double[] a, double[] b)
    {
        double product = a.Zip(b, (x, y) => x * y).Sum(), lengths = Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
        return 1 - (lengths == 0 ? 0 : product / lengths);
    }

    /// <summary>p(y = k | x) for all k.</summary>
    public static double[] Probabilities(double[] query, double[][] prototypes, Distance distance, double temperature = 1)
    {
        double[] distances =
        [
            .. prototypes.Select(prototype => (distance == Distance.Cosine ? Cosine(query, prototype) : SquaredEuclidean(query, prototype)) / temperature),
        ];
        double smallest = distances.Min();
        double[] exponentials = [.. distances.Select(value => Math.Exp(smallest - value))];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }

    /// <summary>J of Algorithm 1.</summary>
    /// <param name="support">The support of each class.</param>
    /// <param name="queries">The queries of each class.</param>
    /// <param name="distance">The distance.</param>
    /// <param name="temperature">What distances are divided by.</param>
    public static double Loss(double[][][] support, double[][][] queries, Distance distance, double temperature = 1)
    {
        double[][] prototypes = [.. support.Select(examples => Mean(examples))];
        return queries.SelectMany((examples, k) => examples.Select(query => -Math.Log(Probabilities(query, prototypes, distance, temperature)[k]))).Average();
    }

    public static double[] Double(ReadOnlySpan<float> values)
    {
        double[] doubles = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
            doubles[i] = values[i];
        return doubles;
    }

    /// <summary>Normally distributed numbers (Box and Muller 1958).</summary>
    public static double Normal(this Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
