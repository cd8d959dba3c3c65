using Microsoft.ML;

namespace MLNet.Papers.Samples.FastText;

/// <summary>The words of a model that mean something by themselves.</summary>
internal static class ContentWords
{
    /// <summary>The most frequent words of at least 3 letters, without numbers and without ML.NET's list of English stop words.</summary>
    /// <param name="ml">Where stop words are recognised.</param>
    /// <param name="model">The model.</param>
    /// <param name="count">The most words.</param>
    public static IReadOnlyList<string> Of(MLContext ml, FastTextModel model, int count)
    {
        string[] words = [.. model.Words.Where(word => word.Length >= 3 && word.All(char.IsLetter)).Take(4 * count)];
        if (words.Length == 0)
            return [];
        IDataView row = ml.Data.LoadFromEnumerable([new Row { Words = words }]);
        IDataView content = ml.Transforms.Text.RemoveDefaultStopWords(nameof(Row.Words)).Fit(row).Transform(row);
        return [.. ml.Data.CreateEnumerable<Row>(content, reuseRowObject: false).Single().Words.Take(count)];
    }

    private sealed class Row
    {
        public string[] Words { get; set; } = [];
    }
}
