using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Elmo;

/// <summary>A trained network outside of torch, as transformers keep and save it. Immutable.</summary>
internal sealed record ElmoModel([Block] ElmoArchitecture Architecture, NetworkWeights Weights) : IModelRecord
{
    /// <summary>The most tokens that the network reads in one go; a longer text is cut into pieces, each of which begins from zero states.</summary>
    public const int MaxTokens = 512;
}
