namespace MLNet.Papers.Networks;

/// <summary>What a network is built from, from rows of D values to rows of M.</summary>
internal interface INetworkArchitecture
{
    /// <summary>D, the length of an input row.</summary>
    int InputSize { get; }

    /// <summary>M, the length of an output row.</summary>
    int OutputSize { get; }

    /// <summary>Names and shapes of everything that training changes, normalization statistics included, in the network's order.</summary>
    IEnumerable<(string Name, long[] Shape)> Weights();
}
