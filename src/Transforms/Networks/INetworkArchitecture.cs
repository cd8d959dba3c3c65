using MLNet.Papers.Layers;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Networks;

/// <summary>What a network is built from, from rows of D values to rows of M.</summary>
internal interface INetworkArchitecture
{
    /// <summary>D, the length of an input row.</summary>
    int InputSize { get; }

    /// <summary>M, the length of an output row.</summary>
    int OutputSize { get; }

    /// <summary>The image that an input row is; null where it is a vector.</summary>
    ImageShape? Image => null;

    /// <summary>How many rows at once are scored fastest, where memory does not matter.</summary>
    int PreferredBatchSize => 64;

    /// <summary>Values that are held for each row of a batch: its input, its output and what becomes of it.</summary>
    long HeldValues() => InputSize + (2L * OutputSize);

    /// <summary>Values that are needed besides while a row goes through the network: all layers, with borders and padding.</summary>
    long WorkingValues();

    /// <summary>How many numbers the layers give for one row, all together: what a training step keeps of it.</summary>
    long ActivationCount => (long)InputSize + OutputSize;

    /// <summary>Weights and constants, in the network's order, as training begins with them.</summary>
    IEnumerable<LayerWeight> AllWeights();

    /// <summary>What is wrong with a saved network, or null: checked before anything is allocated for it.</summary>
    string? FindFault();
}

/// <summary>What holds for every network.</summary>
internal static class NetworkArchitectures
{
    extension(INetworkArchitecture architecture)
    {
        /// <summary>Names and shapes of everything that training changes, normalization statistics included, in the network's order.</summary>
        public IEnumerable<(string Name, long[] Shape)> Weights() =>
            architecture.AllWeights().Where(weight => weight.Use != WeightUse.Constant).Select(weight => (weight.Name, weight.Shape));

        /// <summary>How many rows at once are scored: fewer than is fastest where they need much memory.</summary>
        public int BatchSize => ScoringMemory.Rows(architecture.PreferredBatchSize, architecture.HeldValues(), architecture.WorkingValues());

        /// <summary>What is wrong with the memory that a row needs, or null.</summary>
        public string? FindMemoryFault() => ScoringMemory.FindFault(architecture.HeldValues() + architecture.WorkingValues());

        /// <summary>How many numbers a training changes, normalization statistics not counted.</summary>
        public long ParameterCount =>
            architecture.Weights().Where(weight => !weight.Name.Contains("running_", StringComparison.Ordinal))
                .Sum(weight => weight.Shape.Aggregate(1L, (product, length) => product * length));
    }

    /// <summary>The network that options describe, if its rows can be scored.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="options">The options' type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row would need more memory than scoring may take.</exception>
    public static TArchitecture RequireScorable<TArchitecture>(this TArchitecture architecture, string options)
        where TArchitecture : INetworkArchitecture => architecture.FindMemoryFault() is { } fault
        ? throw new ArgumentOutOfRangeException(
            nameof(options), $"{options} describe a network of which {fault}. Lower the size of the images, or the channels or units of the layers.")
        : architecture;
}
