using System.Text.Json.Serialization;
using Microsoft.ML;

namespace MLNet.Papers;

/// <summary>The options of every technique that trains a network by steps.</summary>
public abstract class TrainingOptions : LearningOptions
{
    private protected TrainingOptions()
    {
    }

    /// <summary>
    /// The greatest Euclidean norm of all gradients together; longer gradients are scaled down to it before a step. Null leaves them alone.
    /// Greater than 0.
    /// </summary>
    [GreaterThan(0)]
    public double? MaxGradientNorm { get; set; }

    /// <summary>
    /// Rows to validate on while training, with the columns that the trainer uses; null for none. The weights with the lowest validation loss are kept.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [AnyValue]
    [JsonIgnore]
    public IDataView? Validation { get; set; }

    /// <summary>Steps between two validations. At least 1.</summary>
    [AtLeast(1)]
    public int ValidationInterval { get; set; } = 100;

    /// <summary>
    /// Training stops after so many validations in a row without a lower loss; null never stops early. At least 1; it has no effect without validation.
    /// </summary>
    [AtLeast(1)]
    public int? Patience { get; set; }

    /// <summary>Steps between two writings of the state. At least 1; it has no effect without a folder.</summary>
    [AtLeast(1)]
    public int CheckpointInterval { get; set; } = 500;

    internal override IDataView? RowsToValidateOn => Validation;
}
