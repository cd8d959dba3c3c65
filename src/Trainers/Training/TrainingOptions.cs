using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers;

/// <summary>The options of every technique that trains a network by steps.</summary>
public abstract class TrainingOptions : TechniqueOptions
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

    /// <summary>
    /// Training ends after this time even if steps are left; the learning rate then falls with time instead of steps. Null for no limit. Greater than zero.
    /// </summary>
    /// <remarks>With a time limit the result depends on the speed of the machine, and the same seed no longer gives the same weights.</remarks>
    [PositiveTime]
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>
    /// A folder that training writes its state into, so that the same fit goes on from there if the process is killed; null for none. The folder is
    /// made if it does not exist, and the state is removed when training has ended well.
    /// </summary>
    /// <remarks>
    /// A state that is damaged, or was written with other options, another seed or other data, is refused with an <see cref="InvalidOperationException"/>; so
    /// is a folder that another training uses at that time, in this process or another one.
    /// </remarks>
    [NotBlank]
    public string? CheckpointFolder { get; set; }

    /// <summary>Steps between two writings of the state. At least 1; it has no effect without a folder.</summary>
    [AtLeast(1)]
    public int CheckpointInterval { get; set; } = 500;

    /// <summary>
    /// Receives the progress of a fit, on the thread that fits: at most ten times a second, and after every validation, every writing of the state and the last
    /// step; null for none.
    /// </summary>
    [AnyValue]
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; set; }

    internal override IDataView? RowsToValidateOn => Validation;

    /// <summary>The seed of a fit; with checkpoints always the same, so that a fit can go on.</summary>
    internal override int SeedOf(IHostEnvironment environment) => CheckpointFolder is null ? base.SeedOf(environment) : Seed ?? Host.Seed(environment) ?? 0;

    /// <summary>A text that differs for other options; where checkpoints lie does not matter.</summary>
    internal string Fingerprint()
    {
        var plain = (TrainingOptions)Copy();
        plain.CheckpointFolder = null;
        return JsonSerializer.Serialize<object>(plain);
    }
}

/// <summary>A time above zero.</summary>
internal sealed class PositiveTimeAttribute : RuleAttribute
{
    public override string Requirement => "greater than 00:00:00";

    public override IEnumerable<object> BrokenBy(Type type) => [TimeSpan.Zero, TimeSpan.FromSeconds(-1)];

    private protected override bool Allows(object value) => (TimeSpan)value > TimeSpan.Zero;
}
