using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>
/// The messages of the .NET SDK in 14 languages: four fifths to learn from, the others, none of which is a translation of one of them, to test with.
/// </summary>
internal static class LanguageLines
{
    private const int TestShare = 5;

    public static (string[] Training, string[] Test) Read()
    {
        ILookup<bool, string> sides = ResourceStrings.Read(DotnetInstallation.SdkFolder(), CancellationToken.None)
            .ToLookup(
                text => SideOf(text.English) == 0,
                text => $"{LabelledLines.Prefix}{text.Language} {string.Join(' ', text.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}");
        string[] training = [.. sides[false]];
        new Random(1).Shuffle(training);
        return (training, [.. sides[true]]);
    }

    private static int SideOf(string english) => (english.Aggregate(7, (hash, letter) => unchecked((hash * 31) + letter)) & int.MaxValue) % TestShare;
}

/// <summary>How a classifier is trained; the learning rate is 0.5, 5 epochs, one thread.</summary>
/// <param name="Dimension">The length of the vectors.</param>
/// <param name="LongestNgram">The most letters in an n-gram of at least 2; 0 for none.</param>
/// <param name="WordNgrams">The most words in an n-gram.</param>
internal sealed record ClassifierSetting(int Dimension, int LongestNgram, int WordNgrams)
{
    public FastTextClassifierOptions ToOptions() =>
        new() { Dimension = Dimension, MinN = Math.Min(2, LongestNgram), MaxN = LongestNgram, WordNgrams = WordNgrams, LearningRate = 0.5 };

    public string[] ReferenceArguments =>
    [
        "-dim", Text(Dimension), "-minn", Text(Math.Min(2, LongestNgram)), "-maxn", Text(LongestNgram), "-wordNgrams", Text(WordNgrams), "-lr", "0.5",
        "-bucket", "200000", "-thread", "1",
    ];

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Learning to tell languages apart, a whole process each, against the original program.</summary>
internal abstract class ClassifierTrainingAgainstReference(string what, ClassifierSetting setting) : Comparison
{
    private const int Turns = 5;

    public override string Name => $"fastText: learning to classify, {what}, softmax, 1 thread, against the original program";

    public override string Goal => "≥ 2 times the words per second; precision within 0.5 points";

    public override Task<Measured> MeasureAsync()
    {
        if (ReferenceProgram.Path is not { } original)
            return Task.FromResult(ReferenceProgram.Skipped);
        using var folder = new TemporaryFolder();
        (string[] training, string[] test) = LanguageLines.Read();
        string rows = folder.File("rows.txt");
        File.WriteAllLines(rows, training);
        var ours = new List<TrainingRun>();
        var theirs = new List<TrainingRun>();
        for (int turn = 0; turn < Turns; turn++)
        {
            ours.Add(
                TrainingRun.Of(OwnProcess.Run<ClassifierTraining>(rows, folder.File("ours.bin"), setting.Dimension, setting.LongestNgram, setting.WordNgrams)));
            theirs.Add(
                TrainingRun.Of(
                    OwnProcess.RunProgram(original, [], ["supervised", "-input", rows, "-output", folder.File("theirs"), .. setting.ReferenceArguments])));
        }

        double ratio = Median(ours.Zip(theirs, (own, peer) => own.WordsPerSecond / peer.WordsPerSecond));
        return Task.FromResult(new Measured(
            Text($"{ratio:F1}"),
            Text($"{Median(ours.Select(run => run.WordsPerSecond)):N0} against {Median(theirs.Select(run => run.WordsPerSecond)):N0} words a second, ") +
            Text($"{training.Length:N0} rows; ") +
            Text($"precision {Precision("ours.bin"):P2} against {Precision("theirs.bin"):P2} on {test.Length:N0} others; ") +
            Text($"memory {Median(ours.Select(run => run.Megabytes)):N0} against {Median(theirs.Select(run => run.Megabytes)):N0} MB")));

        double Precision(string file)
        {
            FastTextModel model = FastTextModel.Load(folder.File(file));
            return test.Average(line => model.Predict(LabelledLines.TextOf(line)) is [var best] && best.Label == LabelledLines.LabelOf(line) ? 1.0 : 0);
        }
    }
}

/// <inheritdoc/>
internal sealed class LetterNgramClassifierTraining()
    : ClassifierTrainingAgainstReference("dimension 16, n-grams of 2-4 letters", new ClassifierSetting(16, 4, 1));

/// <inheritdoc/>
internal sealed class WordPairClassifierTraining() : ClassifierTrainingAgainstReference("dimension 100, pairs of words", new ClassifierSetting(100, 0, 2));

/// <summary>Naming the languages of the rows of a view against the original program's <c>predict</c>, whose time to read the model is taken off.</summary>
internal sealed class ClassifyingAgainstReference : Comparison
{
    public override string Name => "fastText: classifying rows, dimension 16, n-grams 2-4, against predict of the original program";

    public override string Goal => "≥ 2 times the rows per second";

    public override Task<Measured> MeasureAsync()
    {
        if (ReferenceProgram.Path is not { } original)
            return Task.FromResult(ReferenceProgram.Skipped);
        using var folder = new TemporaryFolder();
        (string[] training, string[] test) = LanguageLines.Read();
        var ml = new MLContext(seed: 1);
        var options = new FastTextClassifierOptions { Dimension = 16, MinN = 2, MaxN = 4, LearningRate = 0.5, Epochs = 1 };
        using FastTextClassifierTransformer classifier = ml.MulticlassClassification.Trainers.FastText(options: options).Fit(LabelledLines.View(ml, training));
        string model = folder.File("model.bin"), rows = folder.File("rows.txt"), none = folder.File("none.txt");
        classifier.Model.Save(model);
        File.WriteAllLines(rows, test.Select(LabelledLines.TextOf));
        File.WriteAllText(none, "");
        IDataView data = LabelledLines.View(ml, test);
        (_, TimeSpan ours, TimeSpan peer) = SideBySide(
            () => Read(classifier.Transform(data)), () => OwnProcess.RunProgram(original, [], "predict", model, rows), turns: 9);
        (_, _, TimeSpan start) = SideBySide(
            () => Read(classifier.Transform(data)), () => OwnProcess.RunProgram(original, [], "predict", model, none), turns: 9);
        double own = test.Length / ours.TotalSeconds, theirs = test.Length / (peer - start).TotalSeconds;
        return Task.FromResult(new Measured(Text($"{own / theirs:F1}"), Text($"{own:N0} against {theirs:N0} rows a second, {test.Length:N0} rows")));
    }

    private static void Read(IDataView view)
    {
        DataViewSchema.Column labels = view.Schema["PredictedLabel"];
        using DataViewRowCursor cursor = view.GetRowCursor([labels]);
        ValueGetter<uint> getter = cursor.GetGetter<uint>(labels);
        uint label = 0;
        while (cursor.MoveNext())
            getter(ref label);
    }
}
