using MLNet.Papers.Codes;

namespace MLNet.Papers;

/// <summary>Options of <see cref="BidirectionalGanEstimator"/>.</summary>
/// <inheritdoc/>
public sealed class BidirectionalGanOptions : BidirectionalGanLearningOptions, ICodeOutputs
{
    /// <summary>Whether there is a column <c>(output).Reconstruction</c>: what the generator makes of the code.</summary>
    [AnyValue]
    public bool WithReconstruction { get; set; }

    /// <summary>Whether there is a column <c>(output).ReconstructionError</c>: how far that is from the row.</summary>
    [AnyValue]
    public bool WithReconstructionError { get; set; }
}
