using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.Papers.Interop;

/// <summary>Facts about an <c>MLContext</c> that ML.NET keeps to itself.</summary>
internal static class Host
{
    /// <summary>The environment behind a catalog such as <c>mlContext.MulticlassClassification.Trainers</c>.</summary>
    public static IHostEnvironment EnvironmentOf(object catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ((IInternalCatalog)catalog).Environment;
    }

    /// <summary>The seed given to <c>new MLContext(seed)</c>, or null.</summary>
    public static int? Seed(IHostEnvironment environment) => ((IHostEnvironmentInternal)environment).Seed;

    /// <summary><c>mlContext.GpuDeviceId</c>: the CUDA device by number, or null for the CPU.</summary>
    public static int? GpuDeviceId(IHostEnvironment environment) => ((IHostEnvironmentInternal)environment).GpuDeviceId;

    /// <summary><c>mlContext.FallbackToCpu</c>: whether a missing GPU means the CPU instead of an error.</summary>
    public static bool FallbackToCpu(IHostEnvironment environment) => ((IHostEnvironmentInternal)environment).FallbackToCpu;

    /// <summary>Throws once <c>mlContext.CancelExecution()</c> has been called.</summary>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static void ThrowIfCanceled(IHostEnvironment environment)
    {
        if (environment is ICancelable { IsCanceled: true })
            throw new OperationCanceledException("The MLContext was cancelled (CancelExecution).");
    }
}
