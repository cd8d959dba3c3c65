namespace MLNet.Papers;

/// <summary>What network a language model is.</summary>
public enum LanguageModelKind
{
    /// <summary>Long short-term memory with a forget bias of 1.</summary>
    Lstm,

    /// <summary>JANET's cells, with a forget gate alone, whose biases are made for dependencies of the length of a window.</summary>
    Janet,

    /// <summary>A trellis network: a deep causal convolution whose weights all levels share.</summary>
    TrellisNet,
}
