namespace MLNet.Papers;

/// <summary>How a fastText model scores its outputs. The numbers are those of its file format.</summary>
public enum FastTextLoss
{
    /// <summary>Binary decisions along the path to the output in a Huffman tree over the outputs' counts.</summary>
    HierarchicalSoftmax = 1,

    /// <summary>A sigmoid for each output, learned against a few random other ones.</summary>
    NegativeSampling = 2,

    /// <summary>A softmax over all outputs.</summary>
    Softmax = 3,

    /// <summary>A sigmoid for each output, learned against all other ones: a text may have several labels.</summary>
    OneVersusAll = 4,
}
