using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>A fastText model.</summary>
public sealed class FastTextModel
{
    internal FastTextModel(FastTextArguments arguments, FastTextDictionary dictionary, EmbeddingMatrix input, EmbeddingMatrix? output)
    {
        Arguments = arguments;
        Dictionary = dictionary;
        Input = input;
        Output = output;
    }

    internal FastTextArguments Arguments { get; }

    internal FastTextDictionary Dictionary { get; }

    internal EmbeddingMatrix Input { get; }

    /// <summary>One row for each label or word; null for a model of word vectors alone.</summary>
    internal EmbeddingMatrix? Output { get; }
}
