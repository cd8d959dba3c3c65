using System.Diagnostics;
using System.Reflection;
using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>10,000 files that were tampered with, of the kept models of all estimators: each is refused in clear words, or is a model that scores.</summary>
[TestClass]
public sealed class HostileModelTests
{
    private const int Files = 10_000;

    /// <summary>What ML.NET itself takes for looking into a file, and a message for its error.</summary>
    private const long Overhead = 1 << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    // How .NET's reader of .zip files and ML.NET's reader of its own headers refuse a file; the last when the header names an assembly by no possible name.
    private static readonly Type[] RefusalsOfOthers =
    [
        typeof(FormatException),
        typeof(InvalidDataException),
        typeof(InvalidOperationException),
        typeof(NotSupportedException),
        typeof(IOException),
        typeof(ArgumentException),
    ];

    public static IEnumerable<object[]> Estimators => EstimatorContractTests.Estimators;

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_file_that_was_tampered_with_is_refused_or_scores(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        byte[] honest = File.ReadAllBytes(SavedModelTests.PathOf(workout.Case) + ".zip");
        var mutation = new ModelMutation(honest);
        long usual = Attempt(workout, honest).Allocated;
        var random = new Random(1);
        int files = 1 + (Files / Estimators.Count());
        List<string> faults = [];
        int refused = 0;
        for (int i = 0; i < files; i++)
        {
            HostileFile file = i == 0 ? mutation.Bomb(64) : mutation.Next(random);
            Outcome outcome = Attempt(workout, file.Bytes);
            for (int again = 0; again < 2 && outcome.Time > Limit; again++)
                outcome = Attempt(workout, file.Bytes);
            refused += outcome.Error is null ? 0 : 1;
            faults.AddRange(FaultsOf(file, outcome, usual).Select(fault => $"file {i}, {fault}"));
        }

        Assert.IsEmpty(faults, $"{faults.Count} faults of {files} files:\n{string.Join('\n', faults.Take(20))}");
        Assert.IsGreaterThan(files / 2, refused, "Most of what was tampered with must be noticed.");
    }

    private static IEnumerable<string> FaultsOf(HostileFile file, Outcome outcome, long usual)
    {
        // ML.NET calls our loader by reflection; the stream it hands out may itself be damaged.
        bool isOurs = outcome.Error is TargetInvocationException;
        if (isOurs ? outcome.Error!.InnerException is not (FormatException or InvalidDataException) : outcome.Error is { } error
            && !RefusalsOfOthers.Any(type => type.IsInstanceOfType(error)))
        {
            yield return $"{file.What}: {outcome.Error}";
        }

        if (outcome.Time > Limit)
            yield return $"{file.What}: took {outcome.Time.TotalSeconds:F1} s";
        if (outcome.Allocated > usual + (2 * file.Size) + Overhead)
            yield return $"{file.What}: allocated {outcome.Allocated} bytes for a file of {file.Size}; the honest file takes {usual}";
    }

    private static Outcome Attempt(Workout workout, byte[] file)
    {
        Exception? error = null;
        ITransformer? model = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        try
        {
            model = ModelFile.Load(file);
        }
        catch (Exception exception)
        {
            error = exception;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TimeSpan time = clock.Elapsed;
        try
        {
            if (model is not null)
                Table.Read(model.Transform(workout.OwnRows));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // An honest model of other columns is refused in the same way.
        }

        (model as IDisposable)?.Dispose();
        return new(error, allocated, time);
    }

    private sealed record Outcome(Exception? Error, long Allocated, TimeSpan Time);
}
