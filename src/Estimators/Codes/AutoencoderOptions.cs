using Microsoft.ML.SearchSpace;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>The options of every technique that learns codes of rows, and the rows from their codes.</summary>
public abstract class AutoencoderOptions : MinibatchOptions, IImageOptions
{
    private protected AutoencoderOptions()
    {
    }

    /// <summary>
    /// The image that a row is: what vectors hold in CHW order, and what pictures are resized to; at least 1 × 1 × 1. The networks are then convolutions. Null
    /// for plain vectors, which go through linear layers, and for pictures that were resized already.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>What the decoder says of numbers: how far its outputs are from them.</summary>
    [Defined]
    public Likelihood Likelihood { get; set; } = Likelihood.Gaussian;

    /// <summary>
    /// Whether NaN stands for a value that is missing: it is read as 0 on the scale of the column beside an input that says so, and takes no part in the
    /// loss. Otherwise Fit refuses it, and a row that has one gets no code.
    /// </summary>
    [AnyValue]
    public bool ReadMissing { get; set; }

    /// <summary>Units of the hidden layers from a plain vector to its code; the way back has the same in reverse. Each from 1 to 65536.</summary>
    [TakesMemory, Between(1, 65_536)]
    public int[] HiddenUnits { get; set; } = [256];

    /// <summary>How often training goes through all rows. At least 1.</summary>
    [AtLeast(1), Range(5, 200, init: 20, logBase: true)]
    public override int Epochs { get; set; } = 20;

    /// <summary>Rows of an optimizer step; an epoch spreads its rows evenly over as many batches as are full, so that a batch may have a few more. From 2 to
    /// 4096.</summary>
    [TakesMemory, Between(2, 4096), Range(16, 256, init: 64, logBase: true)]
    public override int BatchSize { get; set; } = 64;

    /// <summary>Adam's step size at the start. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-4, 1e-2, init: 1e-3, logBase: true)]
    public override double LearningRate { get; set; } = 1e-3;
}
