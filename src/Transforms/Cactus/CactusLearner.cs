namespace MLNet.Papers;

/// <summary>What learns from the tasks that CACTUs constructs.</summary>
public enum CactusLearner
{
    /// <summary>CACTUs-ProtoNets: an embedding in which class means are prototypes (Snell, Swersky and Zemel 2017, arXiv:1703.05175).</summary>
    PrototypicalNetwork,

    /// <summary>CACTUs-MAML: an initialization from which few gradient steps reach a classifier (Finn, Abbeel and Levine 2017, arXiv:1703.03400).</summary>
    Maml,
}
