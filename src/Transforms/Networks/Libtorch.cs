using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MLNet.Papers.Networks;

/// <summary>The native library behind TorchSharp, which an application adds as a package of its own.</summary>
/// <remarks>TorchSharp, where it does not find it, searches the package cache and copies what it finds, and then says so in 50 lines. So it is looked for before TorchSharp is used.</remarks>
internal static class Libtorch
{
    /// <summary>The version that this version of TorchSharp is made for.</summary>
    public const string Version = "2.10.0";

    private const string Name = "torch_cpu";

    // Found once, it stays loaded. What is missing may be there later.
    private static volatile bool _isThere;

    /// <summary>Checks that it can be loaded.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public static void Require()
    {
        if (!_isThere)
            Require(typeof(torch).Assembly);
    }

    /// <summary>Checks that it can be loaded beside an assembly.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    internal static void Require(Assembly assembly, string name = Name)
    {
        if (!NativeLibrary.TryLoad(name, assembly, null, out _))
            throw new InvalidOperationException(Message);
        _isThere |= name == Name;
    }

    private static string Message
    {
        get
        {
            string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
            (string system, string? gpu) = OperatingSystem.IsWindows() ? ("win", "TorchSharp-cuda-windows") : OperatingSystem.IsMacOS() ? ("osx", null) : ("linux", "TorchSharp-cuda-linux");
            string otherwise = gpu is null ? "" : $", or {gpu} for an NVIDIA GPU";
            return $"Training needs libtorch, which was not found: add the package libtorch-cpu-{system}-{architecture} {Version}{otherwise} to the application's project.";
        }
    }
}
