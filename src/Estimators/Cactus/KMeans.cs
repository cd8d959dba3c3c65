using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Cactus;

/// <summary>Clusters points: Lloyd's algorithm from the seeds of Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007.</summary>
/// <remarks>
/// In matrix products, which is what makes a hundred clusterings affordable: ML.NET's trainer takes 200 s for one of 20,000 × 256 into 500 with the same
/// seeding, and the same seed gives other clusters when it runs on several threads. Seeds are drawn from at most <see cref="SeedRows"/> points a cluster.
/// </remarks>
/// <param name="clusters">k.</param>
/// <param name="maximumIterations">Where it ends if it does not converge before.</param>
internal sealed class KMeans(int clusters, int maximumIterations)
{
    /// <summary>Points a cluster that seeds are drawn from.</summary>
    public const int SeedRows = 10;

    // Of the mean variance of a dimension: the squared moves of all centroids together, below which they have converged.
    private const double Tolerance = 1e-4;

    // Distances that are held at once: 64 MB.
    private const long MostDistances = 1 << 24;

    /// <summary>Clusters points.</summary>
    /// <param name="points">The points, one after the other, around the origin: far from it, distances in Single lose their digits.</param>
    /// <param name="size">d, numbers of a point.</param>
    /// <param name="random">Where seeds are drawn from.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="check">Called between iterations; throws to stop.</param>
    public Clustering Run(float[] points, int size, Random random, Device device, Action check)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int count = points.Length / size;
        Tensor all = tensor(points, [count, size]).clone().to(device);
        Tensor centroids = tensor(Seed(points, size, random, check), [clusters, size]).to(device);
        double tolerance = Tolerance * all.var(0L, unbiased: false).mean().item<float>();
        long[] assignments = [];
        double inertia = 0;
        for (int iteration = 0; ; iteration++)
        {
            check();
            using DisposeScope step = NewDisposeScope();
            (Tensor nearest, Tensor distances) = Assign(all, centroids, check);
            long[] now = [.. nearest.cpu().data<long>()];
            inertia = distances.sum().item<float>();
            bool isSame = now.AsSpan().SequenceEqual(assignments);
            assignments = now;
            if (isSame || iteration >= maximumIterations)
                break;
            Tensor moved = Means(all, nearest, distances);
            double squaredMoves = (moved - centroids).square().sum().item<float>();
            centroids.copy_(moved);
            if (squaredMoves <= tolerance)
            {
                (nearest, distances) = Assign(all, centroids, check);
                assignments = [.. nearest.cpu().data<long>()];
                inertia = distances.sum().item<float>();
                break;
            }
        }

        return new Clustering(centroids.cpu().data<float>().ToArray(), Array.ConvertAll(assignments, cluster => (int)cluster), inertia);
    }

    // |x - c|^2 = |x|^2 - 2 x·c + |c|^2, of which the smallest does not depend on |x|^2.
    private static (Tensor Nearest, Tensor Distances) Assign(Tensor points, Tensor centroids, Action check)
    {
        Tensor doubled = (centroids + centroids).t();  // (d, k)
        Tensor norms = centroids.square().sum(1L);  // (k)
        long rows = Math.Max(1, MostDistances / centroids.shape[0]);
        List<Tensor> nearest = [], distances = [];
        foreach (Tensor block in points.split(rows))
        {
            check();
            (Tensor values, Tensor indexes) = (norms - block.matmul(doubled)).min(1);  // (B, k) -> (B)
            nearest.Add(indexes);
            distances.Add((values + block.square().sum(1L)).relu_());
        }

        return (cat(nearest), cat(distances));
    }

    // The mean of each cluster; a cluster that lost all its points begins anew at one of the points that are farthest from their centroid.
    private Tensor Means(Tensor points, Tensor nearest, Tensor distances)
    {
        Tensor sums = zeros([clusters, points.shape[1]], device: points.device).index_add_(0, nearest, points, 1);
        Tensor counts = nearest.bincount(null, clusters);
        long[] empty =
        [
            .. counts.cpu().data<long>().ToArray().Select((members, cluster) => (members, cluster)).Where(entry => entry.members == 0)
                .Select(entry => (long)entry.cluster),
        ];
        using Scalar least = 1;
        Tensor means = sums / counts.clamp(least).to(ScalarType.Float32).unsqueeze(1);
        if (empty.Length > 0)
        {
            (_, Tensor farthest) = distances.topk((int)Math.Min(empty.Length, distances.shape[0]));
            means.index_copy_(0, tensor(empty).to(points.device).narrow(0, 0, farthest.shape[0]), points.index_select(0, farthest));
        }

        return means;
    }

    // Each seed is a point, drawn with a probability that is proportional to its squared distance from the nearest seed so far.
    private float[] Seed(float[] points, int size, Random random, Action check)
    {
        int count = points.Length / size, drawn = (int)Math.Min(count, (long)SeedRows * clusters);
        int[] rows = [.. Enumerable.Range(0, count)];
        if (drawn < count)
            random.Shuffle(rows);
        float[] seeds = new float[clusters * size];
        double[] distances = new double[drawn];
        Array.Fill(distances, double.PositiveInfinity);
        int next = random.Next(drawn);
        for (int cluster = 0; ; cluster++)
        {
            check();
            Span<float> seed = seeds.AsSpan(cluster * size, size);
            points.AsSpan(rows[next] * size, size).CopyTo(seed);
            if (cluster == clusters - 1)
                return seeds;
            double sum = 0;
            for (int i = 0; i < drawn; i++)
            {
                double distance = TensorPrimitives.Distance<float>(points.AsSpan(rows[i] * size, size), seed);
                distances[i] = Math.Min(distances[i], distance * distance);
                sum += distances[i];
            }

            next = sum > 0 ? Draw(distances, random.NextDouble() * sum) : random.Next(drawn);
        }
    }

    private static int Draw(double[] weights, double target)
    {
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0)
                continue;
            last = i;
            target -= weights[i];
            if (target < 0)
                break;
        }

        return last;
    }
}

/// <summary>What k-means found.</summary>
/// <param name="Centroids">The centroids, one after the other.</param>
/// <param name="Assignments">For each point its cluster, from 0.</param>
/// <param name="Inertia">The sum of the squared distances of the points from their centroids.</param>
internal sealed record Clustering(float[] Centroids, int[] Assignments, double Inertia);
