using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Cancels what an <see cref="MLContext"/> is doing; ML.NET itself has this, but only for its own assemblies.</summary>
public static class MLContextCancellation
{
    /// <summary>
    /// Stops every fit that was started from this context, in this package between two steps, with an <see cref="OperationCanceledException"/>. May be called
    /// from any thread.
    /// Models that exist go on scoring. The context stays cancelled: take a new one for the next fit.
    /// </summary>
    /// <param name="mlContext">The context to cancel.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mlContext"/> is null.</exception>
    public static void CancelExecution(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ((ICancelable)Host.EnvironmentOf(mlContext.Transforms)).CancelExecution();
    }
}
