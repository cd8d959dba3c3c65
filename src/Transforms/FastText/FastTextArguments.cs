namespace MLNet.Papers.FastText;

/// <summary>The settings that a model file stores. The learning rate, the label prefix and the seed are not among them.</summary>
internal sealed record FastTextArguments
{
    /// <summary>The longest n-gram that a model may ask for: the rows of a word are at most so many times its letters.</summary>
    public const int LongestNgram = 64;

    public required int Dimension { get; init; }

    public required int WindowSize { get; init; }

    public required int Epochs { get; init; }

    public required int MinimumCount { get; init; }

    public required int NegativeSamples { get; init; }

    /// <summary>N, the most words in a word n-gram; 1 means that there are none.</summary>
    public required int WordNgrams { get; init; }

    public required FastTextLoss Loss { get; init; }

    public required FastTextArchitecture Architecture { get; init; }

    /// <summary>How many rows n-grams of letters and of words share.</summary>
    public required int Buckets { get; init; }

    public required int MinNgramLength { get; init; }

    /// <summary>The most letters in an n-gram of letters; 0 means that there are none.</summary>
    public required int MaxNgramLength { get; init; }

    public required int LearningRateUpdateRate { get; init; }

    public required double SamplingThreshold { get; init; }

    public bool HasSubwords => Buckets > 0 && MaxNgramLength > 0 && MinNgramLength <= MaxNgramLength;

    public bool HasWordNgrams => Buckets > 0 && WordNgrams > 1;

    public bool IsSupervised => Architecture == FastTextArchitecture.Supervised;
}
