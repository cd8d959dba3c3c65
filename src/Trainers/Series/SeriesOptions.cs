using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using MLNet.Papers.Series;

namespace MLNet.Papers;

/// <summary>The options of every technique that trains a network over series.</summary>
public abstract class SeriesOptions : MinibatchOptions
{
    private protected SeriesOptions()
    {
    }

    /// <summary>How often training goes through all rows. At least 1.</summary>
    [AtLeast(1), Range(5, 200, init: 20, logBase: true)]
    public override int Epochs { get; set; } = 20;

    /// <summary>
    /// Values of a step: a row of T steps has T · Channels values, those of the first step, then those of the second, and so on. 1 for keys. From 1 to 65536.
    /// </summary>
    [TakesMemory, Between(1, 65_536)]
    public int Channels { get; set; } = 1;

    /// <summary>The length of the vector that a key is read as, where the series are keys. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int EmbeddingSize { get; set; } = 32;

    /// <summary>What becomes of the values of the series before the network; what it takes from the training rows is saved with the model.</summary>
    [Defined]
    public SeriesNormalization Normalize { get; set; } = SeriesNormalization.None;

    /// <summary>The network that these options describe, and how it is trained.</summary>
    /// <param name="symbols">How many keys there are; 0 for numbers.</param>
    /// <param name="outputs">How many numbers it gives.</param>
    /// <param name="longest">The longest training series.</param>
    /// <param name="channel">Where warnings go.</param>
    internal abstract SeriesLearner Learner(int symbols, int outputs, int longest, IChannel channel);
}

/// <summary>What becomes of the values of series before a network reads them.</summary>
public enum SeriesNormalization
{
    /// <summary>They are read as they are.</summary>
    None,

    /// <summary>Each channel is put on a scale with mean 0 and deviation 1 over all steps of all training rows.</summary>
    ZScore,
}
