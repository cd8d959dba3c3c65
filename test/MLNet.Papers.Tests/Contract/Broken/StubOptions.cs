using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.SearchSpace;

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>Options of <see cref="FaultyEstimator"/>.</summary>
internal class StubOptions : TechniqueOptions
{
    /// <summary>Steps of a learning that does nothing but look whether it is cancelled.</summary>
    [AtLeast(1), Range(1, 100, init: 10, logBase: true)]
    public int Steps { get; set; } = 10;

    /// <summary>Numbers that a learning would take.</summary>
    [TakesMemory, Between(1, 1 << 30)]
    public int Width { get; set; } = 1;

    [Between(0.5, 2)]
    public double[] Scales { get; set; } = [1, 1.5];

    [NotBlank]
    public string? Note { get; set; }

    /// <summary>Rows whose columns are checked.</summary>
    [AnyValue, JsonIgnore]
    public IDataView? Validation { get; set; }

    [AnyValue, JsonIgnore]
    public Action? Started { get; set; }
}

/// <summary>Breaks the contract: an option without a rule.</summary>
internal sealed class OptionsWithoutRule : StubOptions
{
    public int Unruled { get; set; }
}

/// <summary>Breaks the contract: the default breaks its own rule.</summary>
internal sealed class OptionsWithBadDefault : StubOptions
{
    [AtLeast(1)]
    public int Depth { get; set; }
}

/// <summary>Breaks the contract: AutoML would draw numbers with a fraction for an integer.</summary>
internal sealed class OptionsWithRangeOfOtherType : StubOptions
{
    [AtLeast(1), Range(1.0, 9.0, init: 2.0)]
    public int Depth { get; set; } = 2;
}

/// <summary>Breaks the contract: a search does not begin at the default.</summary>
internal sealed class OptionsWithOtherStart : StubOptions
{
    [AtLeast(1), Range(1, 9, init: 3)]
    public int Depth { get; set; } = 2;
}

/// <summary>Breaks the contract: a logarithmic range from 0.</summary>
internal sealed class OptionsWithLogarithmOfZero : StubOptions
{
    [AtLeast(0), Range(0, 9, init: 2, logBase: true)]
    public int Depth { get; set; } = 2;
}

/// <summary>Breaks the contract: a range that does not contain where it starts.</summary>
internal sealed class OptionsWithStartOutside : StubOptions
{
    [AtLeast(1), Range(5, 9, init: 2)]
    public int Depth { get; set; } = 2;
}
