using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.Elmo;

/// <summary>A sentence with the part of speech of each word, as a row.</summary>
internal sealed class TaggedText
{
    [VectorType]
    public string[] Tokens { get; set; } = [];

    [VectorType]
    public string[] Tags { get; set; } = [];

    /// <summary>A sentence.</summary>
    public static TaggedText Of(TaggedWord[] words) => new() { Tokens = [.. words.Select(word => word.Word)], Tags = [.. words.Select(word => word.Tag)] };

    /// <summary>Sentences as rows whose tags are keys.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="sentences">The sentences.</param>
    /// <param name="tags">All tags, so that two views number them alike.</param>
    public static IDataView Rows(MLContext ml, IEnumerable<TaggedText> sentences, IEnumerable<string> tags)
    {
        IDataView rows = ml.Data.LoadFromEnumerable(sentences), keys = ml.Data.LoadFromEnumerable(tags.Select(tag => new Tag { Value = tag }));
        return ml.Transforms.Conversion.MapValueToKey(nameof(Tags), keyData: keys).Fit(rows).Transform(rows);
    }

    private sealed class Tag
    {
        public string Value { get; set; } = "";
    }
}
