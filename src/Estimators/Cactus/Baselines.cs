using System.Numerics.Tensors;
using MLNet.Papers.FewShot;
using MLNet.Papers.Maml;
using MLNet.Papers.Networks;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Cactus;

/// <summary>A few-shot task as vectors.</summary>
/// <param name="Support">The labelled vectors, one after the other.</param>
/// <param name="Size">d.</param>
/// <param name="Classes">For each of them its class.</param>
/// <param name="Queries">The vectors to classify.</param>
internal sealed record VectorTask(float[] Support, int Size, int[] Classes, float[] Queries)
{
    /// <summary>The classes that have examples, ascending.</summary>
    public int[] Present { get; } = [.. Classes.Distinct().Order()];

    /// <summary>For each labelled vector its class's place in <see cref="Present"/>.</summary>
    public int[] Places => Array.ConvertAll(Classes, index => Array.BinarySearch(Present, index));

    public int QueryCount => Queries.Length / Size;

    /// <summary>The same task with the mean of the labelled vectors at the origin.</summary>
    public VectorTask Centred
    {
        get
        {
            double[] mean = Centring.MeanOf(Support, Size);
            return this with { Support = Centring.Subtract(Support, mean), Queries = Centring.Subtract(Queries, mean) };
        }
    }

    public ReadOnlySpan<float> SupportRow(int row) => Support.AsSpan(row * Size, Size);

    public ReadOnlySpan<float> Query(int row) => Queries.AsSpan(row * Size, Size);

    /// <summary>The vectors as tensors on a device: (S, d) and (Q, d).</summary>
    public (Tensor Support, Tensor Queries, Tensor Places) ToDevice(Device device) => (
        tensor(Support, [Classes.Length, Size]).clone().to(device),
        tensor(Queries, [QueryCount, Size]).clone().to(device),
        tensor(Array.ConvertAll(Places, place => (long)place)).to(device));

    /// <summary>The class of each query, from the places with the greatest output (Q, W).</summary>
    public int[] Greatest(Tensor outputs) => Array.ConvertAll(outputs.argmax(1).cpu().data<long>().ToArray(), place => Present[(int)place]);
}

/// <summary>The class whose mean is nearest.</summary>
internal static class ClassMeans
{
    public static int[] Answer(VectorTask task)
    {
        task = task.Centred;
        float[][] means = [.. task.Present.Select(index => Mean(task, index))];
        return [.. Enumerable.Range(0, task.QueryCount).Select(query => task.Present[Nearest(means, task.Query(query))])];
    }

    /// <summary>The place of the vector that is nearest to another.</summary>
    public static int Nearest(float[][] vectors, ReadOnlySpan<float> vector)
    {
        int best = 0;
        float least = float.PositiveInfinity;
        for (int i = 0; i < vectors.Length; i++)
        {
            float distance = TensorPrimitives.Distance(vectors[i], vector);
            if (distance < least)
                (best, least) = (i, distance);
        }

        return best;
    }

    private static float[] Mean(VectorTask task, int index)
    {
        float[] mean = new float[task.Size];
        int count = 0;
        for (int row = 0; row < task.Classes.Length; row++)
        {
            if (task.Classes[row] != index)
                continue;
            TensorPrimitives.Add(mean, task.SupportRow(row), mean);
            count++;
        }

        TensorPrimitives.Divide(mean, count, mean);
        return mean;
    }
}

/// <summary>The class of the nearest labelled vector.</summary>
internal static class NearestNeighbour
{
    public static int[] Answer(VectorTask task)
    {
        float[][] rows = [.. Enumerable.Range(0, task.Classes.Length).Select(row => task.SupportRow(row).ToArray())];
        return [.. Enumerable.Range(0, task.QueryCount).Select(query => task.Classes[ClassMeans.Nearest(rows, task.Query(query))])];
    }
}

/// <summary>
/// Clusters of unlabelled vectors that have labelled ones take the label of most of them, the lowest of equally many; a query belongs to the nearest of these
/// clusters.
/// </summary>
internal static class ClusterMatching
{
    public static int[] Answer(VectorTask task, float[] centroids)
    {
        float[][] all = [.. Enumerable.Range(0, centroids.Length / task.Size).Select(cluster => centroids[(cluster * task.Size)..((cluster + 1) * task.Size)])];
        (int Cluster, int Class)[] labelled =
        [
            .. Enumerable.Range(0, task.Classes.Length)
                .GroupBy(row => ClassMeans.Nearest(all, task.SupportRow(row)), row => task.Classes[row])
                .Select(
                    cluster => (cluster.Key, cluster.GroupBy(index => index).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key)),
        ];
        float[][] matched = [.. labelled.Select(entry => all[entry.Cluster])];
        return [.. Enumerable.Range(0, task.QueryCount).Select(query => labelled[ClassMeans.Nearest(matched, task.Query(query))].Class)];
    }
}

/// <summary>
/// Multinomial logistic regression: the sum of the cross-entropies and half of the squared weights, biases not counted (C = 1), at its minimum.
/// </summary>
/// <remarks>
/// By accelerated gradient descent (Nesterov 1983) that begins anew where it turns uphill; the step is the inverse of a bound of the curvature.
/// </remarks>
internal static class LogisticRegression
{
    private const int Iterations = 1_000;
    private const double Tolerance = 1e-4;

    public static int[] Answer(VectorTask task)
    {
        // Biases are not penalized, so that the minimum is the same for vectors that are moved, but found in fewer steps.
        task = task.Centred;
        double[][] weights = Fit(task);
        return [.. Enumerable.Range(0, task.QueryCount).Select(query => task.Present[IndexOfMaximum(Logits(weights, task.Query(query)))])];
    }

    /// <summary>For each class the weights of the vector and a bias.</summary>
    public static double[][] Fit(VectorTask task)
    {
        int ways = task.Present.Length, size = task.Size;
        int[] places = task.Places;
        double curvature = 1;
        for (int row = 0; row < places.Length; row++)
            curvature += 0.5 * (1 + TensorPrimitives.SumOfSquares(task.SupportRow(row)));
        double[][] weights = New(), ahead = New();
        double momentum = 1;
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            double[][] gradient = Gradient(ahead);
            if (gradient.Max(values => values.Max(Math.Abs)) < Tolerance)
                break;
            double uphill = 0, next = (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;
            for (int k = 0; k < ways; k++)
            {
                for (int i = 0; i <= size; i++)
                {
                    double moved = ahead[k][i] - (gradient[k][i] / curvature);
                    uphill += gradient[k][i] * (moved - weights[k][i]);
                    ahead[k][i] = moved + ((momentum - 1) / next * (moved - weights[k][i]));
                    weights[k][i] = moved;
                }
            }

            momentum = uphill > 0 ? 1 : next;
        }

        return weights;

        double[][] New() => [.. Enumerable.Range(0, ways).Select(_ => new double[size + 1])];

        double[][] Gradient(double[][] at)
        {
            double[][] gradient = [.. at.Select(values => (double[])values.Clone())];
            foreach (double[] values in gradient)
                values[size] = 0;
            for (int row = 0; row < places.Length; row++)
            {
                ReadOnlySpan<float> vector = task.SupportRow(row);
                double[] probabilities = Logits(at, vector);
                double largest = probabilities.Max(), sum = 0;
                for (int k = 0; k < ways; k++)
                    sum += probabilities[k] = Math.Exp(probabilities[k] - largest);
                for (int k = 0; k < ways; k++)
                {
                    double error = (probabilities[k] / sum) - (places[row] == k ? 1 : 0);
                    for (int i = 0; i < size; i++)
                        gradient[k][i] += error * vector[i];
                    gradient[k][size] += error;
                }
            }

            return gradient;
        }
    }

    private static double[] Logits(double[][] weights, ReadOnlySpan<float> vector)
    {
        double[] logits = new double[weights.Length];
        for (int k = 0; k < logits.Length; k++)
        {
            logits[k] = weights[k][^1];
            for (int i = 0; i < vector.Length; i++)
                logits[k] += weights[k][i] * vector[i];
        }

        return logits;
    }

    private static int IndexOfMaximum(double[] values) => TensorPrimitives.IndexOfMax<double>(values);
}

/// <summary>A perceptron with one hidden layer and dropout, trained on the labelled vectors together until their loss no longer falls.</summary>
internal static class DropoutPerceptron
{
    private const int HiddenUnits = 128;
    private const int MostSteps = 400;
    private const int StepsBetweenChecks = 10;
    private const int Patience = 2;

    public static int[] Answer(VectorTask task, Device device, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor support, Tensor queries, Tensor places) = task.Centred.ToDevice(device);
        using TorchSharp.Modules.Linear hidden = InitialWeights.Of(seed, () => nn.Linear(task.Size, HiddenUnits)),
            output = InitialWeights.Of(~seed, () => nn.Linear(HiddenUnits, task.Present.Length));
        hidden.to(device);
        output.to(device);
        using var noise = new Noise(device);
        noise.Begin(seed);
        NetworkOptimizer optimizer = new AdamSettings { Beta2 = 0.999 }.Create([.. hidden.named_parameters(), .. output.named_parameters()]);
        optimizer.LearningRate = 1e-3;
        double least = double.PositiveInfinity;
        for (int step = 1, since = 0; step <= MostSteps && since < Patience; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            optimizer.ZeroGradients();
            nn.functional.cross_entropy(Logits(support, new DropoutNoise(0.5, noise)), places).backward();
            optimizer.Step();
            if (step % StepsBetweenChecks > 0)
                continue;
            double loss = nn.functional.cross_entropy(Logits(support, default), places).item<float>();
            since = loss < 0.99 * least ? 0 : since + 1;
            least = Math.Min(least, loss);
        }

        using IDisposable noGradient = no_grad();
        return task.Greatest(Logits(queries, default));

        Tensor Logits(Tensor rows, DropoutNoise dropout) => output.forward(dropout.Apply(hidden.forward(rows).relu()));
    }
}

/// <summary>The features of a network with fresh weights, whose batch normalization sees support and queries together.</summary>
internal static class UntrainedNetwork
{
    /// <summary>The task in the space of such features.</summary>
    public static VectorTask Embed(VectorTask task, FewShotNetwork network, Device device, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> module = InitialWeights.Of<nn.Module<Tensor, Tensor>>(seed, () => network switch
        {
            PrototypeNetwork prototypes => new LayeredModule(prototypes.Architecture),
            MamlNetwork maml => new LayeredModule(maml.Features),
            _ => throw new NotSupportedException($"{network.GetType().Name} is no network that CACTUs learns."),
        });
        module.to(device);
        using IDisposable noGradient = no_grad();
        (Tensor support, Tensor queries, _) = task.ToDevice(device);
        float[] features = module.forward(cat([support, queries])).cpu().contiguous().data<float>().ToArray();
        int size = network.Features.OutputSize, count = task.Classes.Length * size;
        return new VectorTask(features[..count], size, task.Classes, features[count..]);
    }
}

/// <summary>MAML's network, trained from fresh weights on the support alone.</summary>
internal static class ScratchNetwork
{
    private const double LearningRate = 0.1;
    private const int MostSteps = 200;
    private const int StepsBetweenChecks = 20;
    private const double SmallLoss = 1e-2;

    public static int[] Answer(VectorTask task, FewShotNetwork network, Device device, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        int ways = task.Present.Length;
        LayeredArchitecture architecture = network switch
        {
            PrototypeNetwork { Architecture: var encoder } =>
                MetaLearningOptions.Architecture(encoder.InputSize, encoder.ImageShape, encoder.Filters, encoder.Blocks, encoder.HiddenUnits, ways),
            MamlNetwork maml => maml.For(ways),
            _ => throw new NotSupportedException($"{network.GetType().Name} is no network that CACTUs learns."),
        };
        var function = new LayeredFunction(architecture);
        using LayeredModule module = InitialWeights.Of(seed, () => new LayeredModule(architecture));
        module.to(device);
        (Tensor support, Tensor queries, Tensor places) = task.ToDevice(device);
        Tensor[] weights = function.WeightsOf(module);
        for (int step = 0; step < MostSteps; step += StepsBetweenChecks)
        {
            weights = InnerLoop.Descend(weights, Loss, LearningRate, StepsBetweenChecks);
            using IDisposable noGradient = no_grad();
            if (Loss(weights).item<float>() < SmallLoss)
                break;
        }

        using IDisposable scoring = no_grad();
        long count = support.shape[0];
        return task.Greatest(function.Forward(cat([support, queries]), weights, count).narrow(0, count, queries.shape[0]));

        Tensor Loss(Tensor[] current) => nn.functional.cross_entropy(function.Forward(support, current, support.shape[0]), places);
    }
}
