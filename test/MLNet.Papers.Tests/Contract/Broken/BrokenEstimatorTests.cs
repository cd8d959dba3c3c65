using System.Reflection;
using TorchSharp;

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>Shows that the work-out finds what it looks for: each deliberately broken estimator fails in the intended check and passes all others.</summary>
[TestClass]
public sealed class BrokenEstimatorTests
{
    // A process of its own for each fault would take a minute; the two faults that concern it have one.
    private const string InAnotherProcess = nameof(PersistenceChecks.Another_process_loads_the_model);

    // Its fits end only when they are cancelled: what no fault of the subject concerns need not run so long for each.
    private const string Cancelled = nameof(OptionChecks.Every_option_at_its_largest_value_can_be_cancelled_or_is_refused);

    private static readonly string[] AllChecks = [.. ContractChecks.All.Select(check => check.Name)];

    public static IEnumerable<object[]> Faults => Enum.GetNames<Fault>().Where(name => name != nameof(Fault.None)).Select(name => new object[] { name });

    [TestCleanup]
    public void FreeTheTensorsThatFaultsKept()
    {
        foreach (torch.Tensor tensor in FaultyTransformer.KeptTensors)
            tensor.Dispose();
        FaultyTransformer.KeptTensors.Clear();
    }

    [TestMethod]
    public void A_sound_estimator_passes_every_check() => CollectionAssert.AreEqual(Array.Empty<string>(), FailedChecks(Fault.None));

    [TestMethod, DynamicData(nameof(Faults))]
    public void A_broken_estimator_fails_in_the_intended_check_alone(string fault)
    {
        string[] expected = ExpectedFailures(Enum.Parse<Fault>(fault));
        CollectionAssert.AreEquivalent(expected, FailedChecks(Enum.Parse<Fault>(fault)), $"{fault} must fail in {string.Join(" and ", expected)} alone.");
    }

    [TestMethod]
    public void Every_check_finds_a_fault()
    {
        string[] found = [.. Enum.GetValues<Fault>().Where(fault => fault != Fault.None).SelectMany(ExpectedFailures)];
        CollectionAssert.AreEquivalent(AllChecks, found.Distinct().ToArray(), "Each check must have a broken estimator that it finds.");
    }

    [TestMethod]
    public void An_estimator_without_a_case_fails_by_name()
    {
        var failure = Assert.ThrowsExactly<AssertFailedException>(() => EstimatorCases.Of(typeof(FaultyEstimator)));
        Assert.Contains(
            $"{typeof(FaultyEstimator).FullName} must have exactly one class that implements IEstimatorCase<{nameof(FaultyEstimator)}>", failure.Message);
    }

    private static string[] ExpectedFailures(Fault fault) => typeof(Fault).GetField(fault.ToString())!.GetCustomAttribute<CaughtByAttribute>()!.Checks;

    private static string[] FailedChecks(Fault fault)
    {
        string[] intended = fault == Fault.None ? AllChecks : ExpectedFailures(fault);
        bool concernsDamage = ContractChecks.All.Any(check => check.Point == 20 && intended.Contains(check.Name));
        using var workout = new Workout(new FaultyCase(fault))
        {
            Damages = concernsDamage ? 300 : 8,
            CancelledAfter = TimeSpan.FromSeconds(intended.Contains(Cancelled) ? 0.3 : 0.02),
        };
        var failed = new List<string>();
        foreach (ContractCheck check in ContractChecks.All)
        {
            if (check.Name == InAnotherProcess && !intended.Contains(check.Name))
                continue;
            try
            {
                check.Run(workout);
            }
            catch (AssertFailedException failure)
            {
                Console.WriteLine($"{check.Name}: {failure.Message}");
                failed.Add(check.Name);
            }
        }

        return [.. failed];
    }
}
