using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using TorchSharp;

namespace MLNet.Papers.Networks;

/// <summary>Chooses the device from <c>mlContext.GpuDeviceId</c> and <c>mlContext.FallbackToCpu</c>.</summary>
internal static class TorchDevice
{
    /// <summary>The CPU without a GpuDeviceId; otherwise that CUDA device.</summary>
    /// <exception cref="InvalidOperationException">There is no such CUDA device and FallbackToCpu is false.</exception>
    public static torch.Device Of(IHostEnvironment environment)
    {
        if (Host.GpuDeviceId(environment) is not { } number)
            return torch.CPU;
        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (number >= 0 && number < count)
            return torch.device(DeviceType.CUDA, number);
        string problem = string.Create(CultureInfo.InvariantCulture, $"GpuDeviceId is {number}, but this machine has {count} usable CUDA devices");
        if (!Host.FallbackToCpu(environment))
            throw new InvalidOperationException($"{problem}. Set FallbackToCpu to true to run on the CPU, or GpuDeviceId to null.");
        using IChannel channel = environment.Start("Device");
        channel.Warning(MessageSensitivity.None, $"{problem}; running on the CPU.");
        return torch.CPU;
    }
}
