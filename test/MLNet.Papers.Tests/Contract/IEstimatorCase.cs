using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>How one estimator is put through the contract. Implement <see cref="IEstimatorCase{TEstimator}"/>; the work-out finds it by reflection.</summary>
internal interface IEstimatorCase
{
    /// <summary>The estimator that this is the case of.</summary>
    Type EstimatorType { get; }

    /// <summary>What distinguishes this case from the other <see cref="Variants"/>, for the names of tests.</summary>
    string Variant => "";

    /// <summary>A technique with several kinds of network gives a case for each; every one is put through everything.</summary>
    IEnumerable<IEstimatorCase> Variants => [this];

    /// <summary>Whether another seed gives another model.</summary>
    bool IsRandom => true;

    /// <summary>
    /// Whether <c>Fit</c> reads the rows. Where it only checks their columns, as with a model that exists already, nothing about the rows can fail, and nothing
    /// takes time.
    /// </summary>
    bool Learns => true;

    /// <summary>
    /// Whether a fit ends within seconds whatever the options say, so that nobody can come to cancel it. This is tried with <see cref="EndlessOptions"/>; and
    /// that the fit heeds a cancellation while it reads.
    /// </summary>
    bool EndsSoon => false;

    /// <summary>Fresh options with which a fit takes half a second at most. The seed is left alone: the work-out sets that of the context.</summary>
    TechniqueOptions SmallestOptions();

    /// <summary>
    /// Fresh options with which a fit takes at least half a minute but ends some time, even if nobody can cancel it. What says how long it learns, epochs or
    /// steps, has its largest legal value: no sum or product with it may wrap. Where a fit <see cref="EndsSoon"/>, those with which it takes longest.
    /// </summary>
    /// <param name="started">To be called, on any thread, once or more often after learning has begun.</param>
    TechniqueOptions EndlessOptions(Action started);

    /// <summary>The estimator as a catalog method makes it; null stands for the defaults.</summary>
    IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options);

    /// <summary>From 10 to 200 generated rows with the columns that the estimator reads and no others; the work-out adds columns that pass through.</summary>
    IDataView Data(MLContext ml);

    /// <summary>Inputs that must fail: at least one without each column of <see cref="Data"/>, and one with another type.</summary>
    IEnumerable<RejectedInput> Rejected(MLContext ml);
}

/// <inheritdoc/>
/// <typeparam name="TEstimator">The estimator; it has exactly one case.</typeparam>
internal interface IEstimatorCase<TEstimator> : IEstimatorCase
    where TEstimator : IEstimator<ITransformer>
{
    Type IEstimatorCase.EstimatorType => typeof(TEstimator);
}

/// <summary>An input that must fail.</summary>
/// <param name="Column">The column that is missing or of another type; the message must name it.</param>
/// <param name="Problem">What is wrong with it, for the messages of tests.</param>
/// <param name="Data">The input.</param>
/// <param name="By">Who refuses it. The other one must accept it, so that this cannot be used to look away.</param>
internal sealed record RejectedInput(string Column, string Problem, IDataView Data, RejectedBy By = RejectedBy.Both);

/// <summary>Who refuses an input.</summary>
[Flags]
internal enum RejectedBy
{
    None = 0,

    /// <summary>Only the estimator: the fitted model does not read the column, as with a label.</summary>
    Estimator = 1,

    /// <summary>Only the model: fitting would do, as with a vector of another length than the one fitted.</summary>
    Model = 2,

    Both = Estimator | Model,
}
