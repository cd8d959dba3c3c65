using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>A model of the tests that has a batch size but is no <see cref="ScoringTransformer"/>.</summary>
internal interface IHasBatchSize
{
    int BatchSize { get; set; }
}

/// <summary>The batch size of a model.</summary>
internal static class BatchSize
{
    public static int Of(ITransformer model) => model switch
    {
        ScoringTransformer transformer => transformer.BatchSize,
        IHasBatchSize other => other.BatchSize,
        _ => throw Unknown(model),
    };

    public static void Set(ITransformer model, int size)
    {
        switch (model)
        {
            case ScoringTransformer transformer:
                transformer.BatchSize = size;
                break;
            case IHasBatchSize other:
                other.BatchSize = size;
                break;
            default:
                throw Unknown(model);
        }
    }

    private static AssertFailedException Unknown(ITransformer model) => new($"{model.GetType()} must be a {nameof(ScoringTransformer)}.");
}
