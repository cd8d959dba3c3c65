using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers;

/// <summary>The options of every technique that learns for some time: how long at most, where its state is kept, and who hears of it.</summary>
public abstract class LearningOptions : TechniqueOptions
{
    private protected LearningOptions()
    {
    }

    /// <summary>
    /// Training ends after this time even if steps are left; the learning rate then falls with time instead of steps. Null for no limit. Greater than zero.
    /// </summary>
    /// <remarks>
    /// With a time limit the result depends on the speed of the machine, and the same seed no longer gives the same weights.
    /// A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.
    /// </remarks>
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

    /// <summary>
    /// Receives the progress of a fit, on the thread that fits: at most ten times a second, and after every validation, every writing of the state and the last
    /// step; null for none.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [AnyValue]
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>The seed of a fit; with checkpoints always the same, so that a fit can go on.</summary>
    internal override int SeedOf(IHostEnvironment environment) => CheckpointFolder is null ? base.SeedOf(environment) : Seed ?? Host.Seed(environment) ?? 0;

    /// <summary>A text that differs for other options; where checkpoints lie does not matter.</summary>
    internal string Fingerprint()
    {
        var plain = (LearningOptions)Copy();
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
