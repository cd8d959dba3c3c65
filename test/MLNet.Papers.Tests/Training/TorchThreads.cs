using MLNet.Papers.Networks;
using TorchSharp;

namespace MLNet.Papers.Tests.Training;

/// <summary>
/// Tests run on one thread of torch: their networks are too small for two, and on a busy machine two that wait for each other take ten times as long.
/// </summary>
[TestClass]
public static class TorchThreads
{
    [AssemblyInitialize]
    public static void UseOne(TestContext context)
    {
        Libtorch.Require();  // some tests call torch themselves, which must be set up for this processor by then
        torch.set_num_threads(1);
    }
}
