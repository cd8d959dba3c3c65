using Microsoft.ML;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>The tokens of a text and of its translation.</summary>
internal sealed record TokenPair(string[] Source, string[] Target)
{
    /// <summary>The language of a translation.</summary>
    public const string German = "de";

    /// <summary>The language of another one, which words are aligned with where the first was learned from.</summary>
    public const string French = "fr";

    /// <summary>Cuts texts into tokens.</summary>
    public static TokenPair[] Of(IEnumerable<TextPair> texts) => [.. texts.Select(pair => new TokenPair(pair.Source.Split(' '), pair.Target.Split(' ')))];

    /// <summary>Pairs as rows.</summary>
    public static IDataView Rows(MLContext ml, IEnumerable<TokenPair> pairs) =>
        ml.Data.LoadFromEnumerable(pairs.Select(pair => new TextPair { Source = string.Join(' ', pair.Source), Target = string.Join(' ', pair.Target) }));
}
