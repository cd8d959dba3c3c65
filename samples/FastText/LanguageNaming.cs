using System.Diagnostics;
using System.Text;
using MLNet.Papers.Samples.Texts;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>Names the languages of lines from the console.</summary>
internal static class LanguageNaming
{
    /// <summary>
    /// Writes for each line its language and the probability, the runner-up and its probability, and the line, with tabs between; to the end of input, or until
    /// the user types an empty line.
    /// </summary>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static void Run(FastTextModel model, SampleRun run)
    {
        using var buffered = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        TextWriter output = ConsoleLines.AreTyped ? Console.Out : buffered;
        var clock = new Stopwatch();
        int lines = 0;
        foreach (string line in ConsoleLines.Read("text> ", run.Cancellation))
        {
            clock.Start();
            // A line without words is in no language, though the end of a line has a vector as well.
            IReadOnlyList<LabelProbability> languages = string.IsNullOrWhiteSpace(line) ? [] : model.Predict(line, k: 2);
            output.WriteLine(string.Join('\t', [.. languages.Select(Describe), .. Enumerable.Repeat("?\t0.000", 2 - languages.Count), line]));
            lines++;
        }

        output.Flush();
        double seconds = Math.Max(clock.Elapsed.TotalSeconds, 1e-6);
        if (ConsoleLines.AreTyped || lines == 0)
            return;
        // Not among the answers, which may go to another program.
        Console.Error.WriteLine(Invariant($"{lines} lines in {seconds:F2} s: {lines / seconds:N0} lines per second."));
        run.Record("lines", lines);
        run.Record("linesPerSecond", lines / seconds);
    }

    private static string Describe(LabelProbability language) => Invariant($"{language.Label}\t{language.Probability:F3}");
}
