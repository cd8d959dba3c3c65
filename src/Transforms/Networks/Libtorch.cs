using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace MLNet.Papers.Networks;

/// <summary>The native library behind TorchSharp, which an application adds as a package of its own.</summary>
/// <remarks>
/// TorchSharp, where it does not find it, searches the package cache and copies what it finds, and then says so in 50 lines. So it is looked for before
/// TorchSharp is used.
/// </remarks>
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
        if (name == Name && HidesItsCaches())
            SetForNativeCode("ONEDNN_MAX_CPU_ISA", "SSE41");
        if (!NativeLibrary.TryLoad(name, assembly, null, out _))
            throw new InvalidOperationException(Message);
        _isThere |= name == Name;
    }

    // On virtual machines whose processor says nothing about its caches, oneDNN's kernels, as libtorch has them, compute wrong convolutions and LSTMs: of
    // thousands of random ones, against the same in 64 bits, several in a hundred with AVX, AVX2 and AVX-512, none with SSE 4.1. Where the processor describes
    // its caches, nothing is changed; nor is what the user has set.
    private static bool HidesItsCaches()
    {
        if (!X86Base.IsSupported || !Avx.IsSupported)
            return false;
        (_, int first, int third, int second) = X86Base.CpuId(0, 0);
        bool isAmd = (first, second, third) == (0x68747541, 0x69746E65, 0x444D4163);
        const int IntelCaches = 4, AmdCaches = unchecked((int)0x8000001D), KindOfCache = 0x1F;
        return (X86Base.CpuId(isAmd ? AmdCaches : IntelCaches, 0).Eax & KindOfCache) == 0;
    }

    // .NET keeps variables to itself on Unix; libraries read those of the process.
    private static void SetForNativeCode(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is not null)
            return;
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows())
            _ = SetEnvironmentVariable(name, value, overwrite: 0);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironmentVariable(string name, string value, int overwrite);

    private static string Message
    {
        get
        {
            string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
            (string system, string? gpu) = OperatingSystem.IsWindows() ? ("win", "TorchSharp-cuda-windows") : OperatingSystem
                .IsMacOS() ? ("osx", null) : ("linux", "TorchSharp-cuda-linux");
            string otherwise = gpu is null ? "" : $", or {gpu} for an NVIDIA GPU";
            return $"Training needs libtorch, which was not found: add the package libtorch-cpu-{system}-{architecture} {Version}{otherwise} to the " +
                "application's project.";
        }
    }
}
