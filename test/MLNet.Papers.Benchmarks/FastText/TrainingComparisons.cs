using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>
/// Learning word vectors from the documentation of .NET, a whole process each, against the original program: words per second and thread, as both count them,
/// in turns.
/// </summary>
internal abstract class WordVectorsAgainstReference(int threads) : Comparison
{
    private const int Epochs = 5;
    private const int Turns = 3;

    public override string Name => Text(
        $"fastText: learning word vectors, dimension 100, n-grams 3-6, 5 negatives, {threads} thread{(threads > 1 ? "s" : "")}, against the original program");

    public override string Goal => "≥ 6 times the words per second and thread; loss within 2 %; 60 % of the ten nearest neighbours; memory not above";

    public override Task<Measured> MeasureAsync()
    {
        if (ReferenceProgram.Path is not { } original)
            return Task.FromResult(ReferenceProgram.Skipped);
        using var folder = new TemporaryFolder();
        string corpus = folder.File("corpus.txt");
        File.WriteAllLines(corpus, ApiDocumentation.Lines(DotnetInstallation.DocumentationFiles()));
        var ours = new List<TrainingRun>();
        var theirs = new List<TrainingRun>();
        for (int turn = 0; turn < Turns; turn++)
        {
            ours.Add(TrainingRun.Of(OwnProcess.Run<WordVectorTraining>(corpus, folder.File("ours.bin"), threads, Epochs)));
            theirs.Add(TrainingRun.Of(OwnProcess.RunProgram(
                original, [], "skipgram", "-input", corpus, "-output", folder.File("theirs"), "-bucket", "200000", "-thread", Text($"{threads}"), "-epoch",
                Text($"{Epochs}"))));
        }

        double ratio = Median(ours.Zip(theirs, (own, peer) => own.WordsPerSecond / peer.WordsPerSecond));
        NeighborOverlap overlap = NeighborOverlap.Of(FastTextModel.Load(folder.File("ours.bin")), FastTextModel.Load(folder.File("theirs.bin")));
        return Task.FromResult(new Measured(
            Text($"{ratio:F1}"),
            Text($"{Median(ours.Select(run => run.WordsPerSecond)):N0} against {Median(theirs.Select(run => run.WordsPerSecond)):N0}; ") +
            Text($"loss {Median(ours.Select(run => run.Loss)):F3} against {Median(theirs.Select(run => run.Loss)):F3} as printed; {overlap}; ") +
            Text($"memory {Median(ours.Select(run => run.Megabytes)):N0} against {Median(theirs.Select(run => run.Megabytes)):N0} MB")));
    }
}

/// <inheritdoc/>
internal sealed class WordVectorsOnOneThread() : WordVectorsAgainstReference(threads: 1);

/// <inheritdoc/>
internal sealed class WordVectorsOnTwoThreads() : WordVectorsAgainstReference(threads: 2);

/// <summary>What a training printed at its end.</summary>
/// <param name="WordsPerSecond">Words of the dictionary that were read, a second and thread.</param>
/// <param name="Loss">The mean loss.</param>
/// <param name="Megabytes">The most memory that the process held.</param>
internal sealed partial record TrainingRun(double WordsPerSecond, double Loss, double Megabytes)
{
    public static TrainingRun Of((string Errors, double Megabytes) process)
    {
        Match end = Figures().Matches(process.Errors)[^1];
        return new TrainingRun(Number(end.Groups["speed"]), Number(end.Groups["loss"]), process.Megabytes);
    }

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"words/sec/thread:\s*(?<speed>[\d.]+)\s+lr:\s*\S+\s+avg\.loss:\s*(?<loss>[\d.]+)")]
    private static partial Regex Figures();
}

/// <summary>A folder that is deleted at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;

    public string File(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
