using System.Numerics.Tensors;

namespace MLNet.Papers.Samples.FastText;

/// <summary>
/// Places vectors on a plane so that those that are near to each other stay so: t-SNE (van der Maaten and Hinton 2008) in its exact form, for some
/// hundred vectors.
/// </summary>
internal static class NeighborEmbedding
{
    private const double Perplexity = 12;
    private const int Iterations = 1_000;
    private const int ExaggeratedIterations = 250;
    private const double Exaggeration = 4;
    private const double Jitter = 1e-2;

    /// <summary>The places of vectors of length 1.</summary>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static (double X, double Y)[] Place(float[][] vectors, int seed, CancellationToken cancellation)
    {
        int count = vectors.Length;
        double[,] affinities = Affinities(vectors);
        var random = new Random(seed);
        double[,] places = new double[count, 2], steps = new double[count, 2], gains = new double[count, 2];
        for (int i = 0; i < count; i++)
            (places[i, 0], places[i, 1], gains[i, 0], gains[i, 1]) = (random.NextDouble() * 1e-2, random.NextDouble() * 1e-2, 1, 1);

        double[,] kernels = new double[count, count];
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isExaggerated = iteration < ExaggeratedIterations;
            double sum = Kernels(places, kernels);
            double[,] gradient = Gradient(places, affinities, kernels, sum, isExaggerated ? Exaggeration : 1);
            double rate = Math.Max(count / 16.0, 20), momentum = isExaggerated ? 0.5 : 0.8;
            for (int i = 0; i < count; i++)
            {
                for (int axis = 0; axis < 2; axis++)
                {
                    // Delta-bar-delta: a direction that turns back gets a smaller step.
                    bool goesOn = gradient[i, axis] > 0 != steps[i, axis] > 0;
                    gains[i, axis] = Math.Max(0.01, goesOn ? gains[i, axis] + 0.2 : gains[i, axis] * 0.8);
                    steps[i, axis] = (momentum * steps[i, axis]) - (rate * gains[i, axis] * gradient[i, axis]);
                    places[i, axis] += steps[i, axis];
                    // Where all vectors are alike, exaggeration draws them onto a line, which without noise they never leave again.
                    if (isExaggerated)
                        places[i, axis] += Jitter * (random.NextDouble() - 0.5);
                }
            }
        }

        return [.. Enumerable.Range(0, count).Select(i => (places[i, 0], places[i, 1]))];
    }

    // How probable each pair of neighbours is: a Gaussian around each vector, as wide as the perplexity asks for.
    private static double[,] Affinities(float[][] vectors)
    {
        int count = vectors.Length;
        double entropy = Math.Log(Math.Min(Perplexity, (count - 1) / 3.0));
        double[,] affinities = new double[count, count];
        double[] row = new double[count];
        for (int i = 0; i < count; i++)
        {
            double[] distances = [.. vectors.Select(other => 2 - (2.0 * TensorPrimitives.Dot<float>(vectors[i], other)))];
            double low = 0, high = double.PositiveInfinity, precision = 1;
            for (int attempt = 0; attempt < 60; attempt++)
            {
                for (int j = 0; j < count; j++)
                    row[j] = j == i ? 0 : Math.Exp(-precision * distances[j]);
                double sum = Math.Max(row.Sum(), 1e-300);
                double found = Math.Log(sum) + (precision * row.Zip(distances, (weight, distance) => weight * distance).Sum() / sum);
                (low, high) = found > entropy ? (precision, high) : (low, precision);
                precision = double.IsInfinity(high) ? precision * 2 : (low + high) / 2;
            }

            double total = row.Sum();
            for (int j = 0; j < count; j++)
            {
                affinities[i, j] += row[j] / total / (2 * count);
                affinities[j, i] += row[j] / total / (2 * count);
            }
        }

        return affinities;
    }

    private static double Kernels(double[,] places, double[,] kernels)
    {
        int count = places.GetLength(0);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double x = places[i, 0] - places[j, 0], y = places[i, 1] - places[j, 1];
                kernels[i, j] = kernels[j, i] = 1 / (1 + (x * x) + (y * y));
                sum += 2 * kernels[i, j];
            }
        }

        return sum;
    }

    private static double[,] Gradient(double[,] places, double[,] affinities, double[,] kernels, double sum, double exaggeration)
    {
        int count = places.GetLength(0);
        double[,] gradient = new double[count, 2];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                double force = 4 * ((exaggeration * affinities[i, j]) - (kernels[i, j] / sum)) * kernels[i, j];
                gradient[i, 0] += force * (places[i, 0] - places[j, 0]);
                gradient[i, 1] += force * (places[i, 1] - places[j, 1]);
            }
        }

        return gradient;
    }
}
