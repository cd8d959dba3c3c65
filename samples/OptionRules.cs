using System.CommandLine;

namespace MLNet.Papers.Samples;

/// <summary>What the values of options must fulfil; a value that does not gets one line.</summary>
internal static class OptionRules
{
    /// <summary>Demands a number of a range.</summary>
    public static void Between(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError(FormattableString.Invariant($"{option.Name} must be from {least} to {most}, but was {value}."));
    });

    /// <summary>Demands a multiple of a number, in a range.</summary>
    public static void MultipleBetween(Option<int> option, int factor, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most || value % factor != 0))
            result.AddError(FormattableString.Invariant($"{option.Name} must be a multiple of {factor} from {least} to {most}, but was {value}."));
    });
}
