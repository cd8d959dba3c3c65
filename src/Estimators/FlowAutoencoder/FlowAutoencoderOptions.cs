using MLNet.Papers.Codes;

namespace MLNet.Papers;

/// <summary>Options of <see cref="FlowAutoencoderEstimator"/>.</summary>
/// <inheritdoc/>
public sealed class FlowAutoencoderOptions : FlowOptions, ICodeOutputs
{
    /// <summary>Whether there is a column <c>(output).Reconstruction</c>: the row that the codes stand for.</summary>
    [AnyValue]
    public bool WithReconstruction { get; set; }

    /// <summary>Whether there is a column <c>(output).ReconstructionError</c>: how far that is from the row.</summary>
    [AnyValue]
    public bool WithReconstructionError { get; set; }

    /// <summary>Whether there is a column <c>(output).Bound</c>: a lower bound on the logarithm of how likely the row is.</summary>
    [AnyValue]
    public bool WithBound { get; set; }

    /// <summary>
    /// Normal distributions that are fitted to the codes of the training rows, for <see cref="AutoencoderTransformer.Generate"/> to draw from; 0 for N(0, I),
    /// as in the paper. From 0 to 1024.
    /// </summary>
    [Between(0, 1024)]
    public int PriorComponents { get; set; }
}
