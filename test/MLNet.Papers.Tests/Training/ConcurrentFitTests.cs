using System.Collections.Concurrent;
using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;
using MLNet.Papers.Tests.PrototypicalNetworks;

namespace MLNet.Papers.Tests.Training;

/// <summary>Fits that run at the same time, as a server starts them.</summary>
[TestClass]
public sealed class ConcurrentFitTests
{
    [TestMethod]
    public void Fits_of_several_networks_at_once_end_well()
    {
        IEstimatorCase[] cases = [new CoordConvNetCase(), new CoordinatePainterCase(), new CoordConvFeaturizerCase(), new PrototypicalNetworkCase()];
        var failures = new ConcurrentQueue<Exception>();
        Thread[] threads = [.. cases.Select(single => new Thread(() => Fit(single)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failures.TryDequeue(out Exception? failure))
            throw failure;

        void Fit(IEstimatorCase single)
        {
            try
            {
                for (int fit = 0; fit < 5; fit++)
                {
                    var ml = new MLContext(seed: fit);
                    using var model = (IDisposable)single.Create(ml, single.SmallestOptions()).Fit(single.Data(ml));
                }
            }
            catch (Exception exception)
            {
                failures.Enqueue(exception);
            }
        }
    }
}
