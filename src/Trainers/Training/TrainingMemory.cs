using System.Globalization;
using MLNet.Papers.Networks;
using TorchSharp;

namespace MLNet.Papers.Training;

/// <summary>Refuses a training that needs more memory than the process may have, before any of it is taken.</summary>
internal static class TrainingMemory
{
    /// <summary>A weight, its gradient, the two moments of Adam, and the weights that are kept or given back.</summary>
    public const int NumbersOfAWeight = 5;

    /// <summary>What an output of a softmax gave, its probability, and the gradient of it.</summary>
    public const int NumbersOfALogit = 3;

    [ThreadStatic]
    private static long? _limit;

    /// <summary>The most bytes that a training on this thread may take; null for what the process may have. The test of the refusal sets it.</summary>
    public static long? Limit
    {
        get => _limit;
        set => _limit = value;
    }

    /// <summary>Checks a network. On a device other than the CPU nothing is known of the memory.</summary>
    /// <param name="options">The options, which are named.</param>
    /// <param name="networks">The networks that are trained together.</param>
    /// <param name="rows">Rows of a step.</param>
    /// <param name="device">Where they are trained.</param>
    /// <param name="passes">How often the rows go through the network before gradients are taken.</param>
    /// <param name="others">Other numbers that a step keeps.</param>
    /// <exception cref="InvalidOperationException">It does not fit.</exception>
    public static void Require(
        TechniqueOptions options, IEnumerable<INetworkArchitecture> networks, long rows, torch.Device device, int passes = 1, double others = 0)
    {
        if (device.type != DeviceType.CPU)
            return;
        double weights = 0, activations = 0;
        foreach (INetworkArchitecture network in networks)
        {
            weights += network.Weights().Sum(weight => weight.Shape.Aggregate(1.0, (product, length) => product * length));
            activations += network.ActivationCount;
        }

        // What the layers gave and the gradients of it.
        double numbers = (NumbersOfAWeight * weights) + (2.0 * passes * rows * activations) + others;
        Require(options, sizeof(float) * numbers, string.Create(CultureInfo.InvariantCulture, $"{weights:N0} weights and {rows:N0} rows at once"));
    }

    /// <summary>Checks bytes.</summary>
    /// <param name="options">The options, which are named.</param>
    /// <param name="bytes">What is needed.</param>
    /// <param name="what">What for, in words.</param>
    /// <exception cref="InvalidOperationException">It does not fit.</exception>
    public static void Require(TechniqueOptions options, double bytes, string what) =>
        Require($"{options.GetType().Name}: {options.DescribeSize()}", bytes, what);

    /// <summary>Checks bytes, where no object holds the options.</summary>
    /// <param name="place">What is named.</param>
    /// <param name="bytes">What is needed.</param>
    /// <param name="what">What for, in words.</param>
    /// <exception cref="InvalidOperationException">It does not fit.</exception>
    public static void Require(string place, double bytes, string what)
    {
        long most = Limit ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > most)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{place} need about {bytes:N0} bytes for {what}, but this process may have {most:N0}. Lower one of them."));
        }
    }
}
