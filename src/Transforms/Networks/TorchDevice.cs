using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using TorchSharp;

namespace MLNet.Papers.Networks;

/// <summary>
/// The device that <c>mlContext.GpuDeviceId</c> and <c>mlContext.FallbackToCpu</c> choose. The CPU can be named without loading libtorch, which takes half a
/// second.
/// </summary>
internal readonly struct TorchDevice
{
    private readonly int? _number;

    private TorchDevice(int number) => _number = number;

    /// <summary>The CPU.</summary>
    public static TorchDevice Cpu => default;

    public bool IsCpu => _number is null;

    /// <summary>The CPU without a GpuDeviceId; otherwise that CUDA device.</summary>
    /// <exception cref="InvalidOperationException">There is no such CUDA device and FallbackToCpu is false.</exception>
    public static TorchDevice Of(IHostEnvironment environment)
    {
        if (Host.GpuDeviceId(environment) is not { } number)
            return Cpu;
        Libtorch.Require();
        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (number >= 0 && number < count)
            return new TorchDevice(number);
        string problem = string.Create(CultureInfo.InvariantCulture, $"GpuDeviceId is {number}, but this machine has {count} usable CUDA devices");
        if (!Host.FallbackToCpu(environment))
            throw new InvalidOperationException($"{problem}. Set FallbackToCpu to true to run on the CPU, or GpuDeviceId to null.");
        using IChannel channel = environment.Start("Device");
        channel.Warning(MessageSensitivity.None, $"{problem}; running on the CPU.");
        return Cpu;
    }

    /// <summary>The device as torch names it.</summary>
    /// <exception cref="InvalidOperationException">libtorch is missing.</exception>
    public static implicit operator torch.Device(TorchDevice device)
    {
        Libtorch.Require();
        return device._number is { } number ? torch.device(DeviceType.CUDA, number) : torch.CPU;
    }
}
