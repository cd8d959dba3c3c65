namespace MLNet.Papers;

/// <summary>How CACTUs parts unlabelled rows into pretended classes.</summary>
/// <remarks>Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334, sections 2.2 and 3.</remarks>
public enum CactusPartitioning
{
    /// <summary>The clusters of k-means in the embedding space, whose dimensions are scaled at random for all partitions but the first.</summary>
    Clusters,

    /// <summary>The sides of random hyperplanes that rows lie on; rows within a margin of one take no part. An ablation of the paper.</summary>
    Hyperplanes,

    /// <summary>Groups of equal size, drawn at random. A control: what is learned from them comes from the network and not from the data.</summary>
    Random,
}
