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

    /// <summary>How many rows at once are scored: fewer where they need much memory.</summary>
    int PreferredBatchSize => 64;

    /// <summary>How many numbers the layers give for one row, all together: what a training step keeps of it.</summary>
    long ActivationCount => (long)InputSize + OutputSize;

    /// <summary>Names and shapes of everything that training changes, normalization statistics included, in the network's order.</summary>
    IEnumerable<(string Name, long[] Shape)> Weights();
}

/// <summary>What holds for every network.</summary>
internal static class NetworkArchitectures
{
    extension(INetworkArchitecture architecture)
    {
        /// <summary>How many numbers a training changes, normalization statistics not counted.</summary>
        public long ParameterCount =>
            architecture.Weights().Where(weight => !weight.Name.Contains("running_", StringComparison.Ordinal)).Sum(weight => weight.Shape.Aggregate(1L, (product, length) => product * length));
    }
}
