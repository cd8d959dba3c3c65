using Microsoft.ML;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>The case of an estimator with a fault. It is no <see cref="IEstimatorCase{TEstimator}"/>, so that it is not found among the real ones.</summary>
internal sealed class FaultyCase(Fault fault) : IEstimatorCase
{
    private const int Rows = 20;
    private const int Size = 4;

    public Type EstimatorType => typeof(FaultyEstimator);

    public bool EndsSoon => fault == Fault.IsSaidToEndSoon;

    public TechniqueOptions SmallestOptions()
    {
        StubOptions options = Defaults();
        if (options is OptionsWithBadDefault bad)
            bad.Depth = 1;
        return options;
    }

    public TechniqueOptions EndlessOptions(Action started)
    {
        var options = (StubOptions)SmallestOptions();
        options.Steps = int.MaxValue;
        options.Started = started;
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        new FaultyEstimator(Host.EnvironmentOf(ml.Transforms), fault, (StubOptions?)options ?? Defaults());

    public IDataView Data(MLContext ml) => Examples(Size);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        yield return new("Features", "missing", Examples(Size).With(MemoryColumn.Texts("Other", Enumerable.Repeat("", Rows))).Without("Features"));
        yield return new("Features", "a text", new MemoryView([MemoryColumn.Texts("Features", Enumerable.Repeat("1", Rows))]));
        yield return new("Features", "longer than what was fitted", WorkoutData.Widen(Examples(Size + 1)), RejectedBy.Model);
    }

    private static MemoryView Examples(int size)
    {
        var random = new Random(11);
        float[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, size).Select(_ => random.NextSingle()).ToArray())];
        return new MemoryView([MemoryColumn.Vectors("Features", rows)]);
    }

    private StubOptions Defaults() => fault switch
    {
        Fault.HasAnOptionWithoutARule => new OptionsWithoutRule(),
        Fault.HasADefaultThatBreaksItsRule => new OptionsWithBadDefault(),
        Fault.HasARangeOfAnotherType => new OptionsWithRangeOfOtherType(),
        Fault.HasARangeWithAnotherStart => new OptionsWithOtherStart(),
        Fault.HasALogarithmicRangeFromZero => new OptionsWithLogarithmOfZero(),
        Fault.HasARangeThatStartsOutside => new OptionsWithStartOutside(),
        _ => new StubOptions(),
    };
}
