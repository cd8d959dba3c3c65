using Microsoft.ML;
using MLNet.Papers.Samples.Texts;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>The messages of the .NET SDK, apart into those to learn from and those to test with.</summary>
/// <param name="Training">The texts to learn from, in random order.</param>
/// <param name="Test">The others. No message is on both sides, in whichever languages.</param>
internal sealed record LanguageData(IReadOnlyList<TranslatedText> Training, IReadOnlyList<TranslatedText> Test)
{
    private const double TestShare = 0.2;

    /// <summary>How many languages there are.</summary>
    public int Languages => Training.Select(text => text.Language).Distinct().Count();

    /// <summary>Reads them from the SDK that is installed.</summary>
    /// <exception cref="InputException">There is no SDK with translations.</exception>
    public static LanguageData Read(SampleRun run)
    {
        string folder = DotnetInstallation.SdkFolder();
        Console.WriteLine($"Reading the messages of the .NET SDK {Path.GetFileName(folder)} and their translations.");
        IReadOnlyList<TranslatedText> texts = ResourceStrings.Read(folder, run.Cancellation);
        if (texts.Count == 0)
        {
            throw new InputException(
                $"'{folder}' has no translated messages (de/*.resources.dll), which official builds of the SDK have. Give a model that exists, with --model.");
        }


        var random = new Random(run.Seed);
        string[] messages = [.. texts.Select(text => text.English).Distinct().Order(StringComparer.Ordinal)];
        random.Shuffle(messages);
        HashSet<string> testMessages = [.. messages.Take((int)(messages.Length * TestShare))];
        ILookup<bool, TranslatedText> sides = texts.ToLookup(text => testMessages.Contains(text.English));
        TranslatedText[] training = [.. sides[false]];
        random.Shuffle(training);
        var data = new LanguageData(training, [.. sides[true]]);
        string parts = Invariant($"{training.Length} texts to learn from, {data.Test.Count} others to test with");
        Console.WriteLine(Invariant($"{messages.Length} messages in {data.Languages} languages: {parts}."));
        return data;
    }

    /// <summary>Texts as rows with the columns Label, a text, and Text.</summary>
    public static IDataView Rows(MLContext ml, IEnumerable<TranslatedText> texts) =>
        ml.Data.LoadFromEnumerable(texts.Select(text => new Row { Label = text.Language, Text = text.Text }));

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
