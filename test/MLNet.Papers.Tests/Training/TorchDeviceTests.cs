using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;
using TorchSharp;

namespace MLNet.Papers.Tests.Training;

/// <summary>No machine has a hundred GPUs: what happens on all of them when the one asked for is missing.</summary>
[TestClass]
public sealed class TorchDeviceTests
{
    private const int Missing = 99;

    private static int Present => torch.cuda.is_available() ? torch.cuda.device_count() : 0;

    private static string Problem => $"GpuDeviceId is {Missing}, but this machine has {Present} usable CUDA devices";

    [TestMethod]
    public void Without_a_number_the_device_is_the_processor() =>
        Assert.AreEqual(DeviceType.CPU, ((torch.Device)TorchDevice.Of(Host.EnvironmentOf(new MLContext { GpuDeviceId = null }.Transforms))).type);

    [TestMethod]
    public void A_missing_GPU_stops_a_fit()
    {
        var ml = new MLContext(seed: 1) { GpuDeviceId = Missing, FallbackToCpu = false };
        HandWrittenView data = Clusters.Keyed(3, 6, 3);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Clusters.Fit(ml, data));
        Assert.AreEqual($"{Problem}. Set FallbackToCpu to true to run on the CPU, or GpuDeviceId to null.", exception.Message);
        Assert.AreEqual(0, data.Moves, "The data was read before the device was looked for.");
    }

    [TestMethod]
    public void A_missing_GPU_is_replaced_by_the_processor_with_a_warning()
    {
        var ml = new MLContext(seed: 1) { GpuDeviceId = Missing, FallbackToCpu = true };
        List<string> warnings = [];
        ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(entry.RawMessage);
        };
        HandWrittenView data = Clusters.Keyed(3, 6, 3);
        using PrototypicalNetworkTransformer model = Clusters.Fit(ml, data), onProcessor = Clusters.Fit(new MLContext(seed: 1) { GpuDeviceId = null }, data);
        CollectionAssert.Contains(warnings, $"{Problem}; running on the CPU.");
        CollectionAssert.AreEqual(onProcessor.Weights["layers.0.weight"], model.Weights["layers.0.weight"]);
    }

    [TestMethod]
    public void A_number_below_zero_is_a_missing_GPU()
    {
        var ml = new MLContext(seed: 1) { GpuDeviceId = -1, FallbackToCpu = false };
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => TorchDevice.Of(Host.EnvironmentOf(ml.Transforms)));
        StringAssert.StartsWith(exception.Message, "GpuDeviceId is -1, but this machine has ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_missing_GPU_stops_scoring_where_the_model_was_loaded()
    {
        HandWrittenView data = Clusters.Keyed(3, 6, 3);
        using var stream = new MemoryStream();
        using (PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), data))
            new MLContext().Model.Save(model, inputSchema: null, stream);
        var ml = new MLContext { GpuDeviceId = Missing, FallbackToCpu = false };
        stream.Position = 0;
        ITransformer loaded = ml.Model.Load(stream, out _);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Rows.Vectors(loaded.Transform(data), "Score"));
        Assert.AreEqual($"{Problem}. Set FallbackToCpu to true to run on the CPU, or GpuDeviceId to null.", exception.Message);
    }
}
