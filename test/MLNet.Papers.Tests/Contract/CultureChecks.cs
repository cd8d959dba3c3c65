using System.Globalization;
using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about cultures.</summary>
internal static class CultureChecks
{
    [Point(29)]
    public static void Another_culture_changes_nothing(Workout workout)
    {
        byte[] file = workout.File;
        Table expected = Table.Read(workout.Loaded.Transform(workout.Data));
        Under(WithComma(), () =>
        {
            ITransformer model = workout.Fit(), loaded = workout.Load();
            PersistenceChecks.AssertSameFiles("The .zip of a model fitted under another culture", file, workout.Save(model));
            Expect.SameValues(
                "A model under another culture", expected, Expect.Works("Scoring under another culture", () => Table.Read(loaded.Transform(workout.Data))),
                Tolerance.Reload);
            (model as IDisposable)?.Dispose();
            (loaded as IDisposable)?.Dispose();
        });
    }

    /// <summary>A culture that writes numbers in another way, which exists without any data about cultures.</summary>
    public static CultureInfo WithComma()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NegativeSign) = (",", ".", "−");
        return culture;
    }

    private static void Under(CultureInfo culture, Action action)
    {
        (CultureInfo before, CultureInfo? others) = (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = culture;
            action();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture) = (before, others);
        }
    }
}
