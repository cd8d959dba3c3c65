using MLNet.Papers.Networks;

// torch's random generator and its threads belong to the process: tests run one after the other.
[assembly: DoNotParallelize]

namespace MLNet.Papers.Tests;

/// <summary>What comes before all tests.</summary>
[TestClass]
public sealed class TestRun
{
    // Some tests call torch themselves, which must be set up for this processor by then.
    [AssemblyInitialize]
    public static void SetUpTorch(TestContext context) => Libtorch.Require();
}
