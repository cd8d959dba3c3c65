using Microsoft.ML.Runtime;

namespace MLNet.Papers;

/// <summary>Trains a classifier of series: a network of recurrent cells that have a forget gate alone.</summary>
/// <remarks>
/// <para><b>Source.</b> Van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate", 2018, arXiv:1804.04849.
/// See <see cref="JanetOptions"/> for what is published, and <see cref="SeriesClassifierTrainer{TOptions}"/> for columns, loss and cost.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or classes; a series has no steps, a number that is not finite or a length that is no multiple of Channels; the training would
/// take more memory than the process may have; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class JanetClassifierTrainer : SeriesClassifierTrainer<JanetOptions>
{
    internal JanetClassifierTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, JanetOptions? options)
        : base(environment, labelColumnName, featureColumnName, options)
    {
    }
}
