using Microsoft.ML.Runtime;

namespace MLNet.Papers;

/// <summary>Trains a trellis network: a deep causal convolution whose weights all levels share, to predict numbers from series.</summary>
/// <remarks>
/// <para><b>Source.</b> Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019, arXiv:1810.06682.
/// See <see cref="TrellisNetOptions"/> for what is published, and <see cref="SeriesRegressionTrainer{TOptions}"/> for columns, loss and cost.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows; a series has no steps, a number that is not finite or a length that is no multiple of Channels; the training would take more
/// memory than the process may have; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class TrellisNetRegressionTrainer : SeriesRegressionTrainer<TrellisNetOptions>
{
    internal TrellisNetRegressionTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, TrellisNetOptions? options)
        : base(environment, labelColumnName, featureColumnName, options)
    {
    }
}
