using System.Collections.Concurrent;
using System.Text;

namespace MLNet.Papers.Samples.Texts;

/// <summary>What the user types, or another program sends.</summary>
internal static class ConsoleLines
{
    /// <summary>Whether a person is at the other end.</summary>
    public static bool AreTyped => !Console.IsInputRedirected;

    /// <summary>The lines up to the end of input; of typed ones up to the first empty one.</summary>
    /// <param name="prompt">What invites a person to type.</param>
    /// <param name="cancellation">Ends the waiting for a line.</param>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static IEnumerable<string> Read(string prompt, CancellationToken cancellation)
    {
        // A read from the console cannot be interrupted: a thread of its own does it, which the end of the process ends.
        using var lines = new BlockingCollection<string>(boundedCapacity: 1024);
        new Thread(() => Fill(lines)) { IsBackground = true, Name = "console" }.Start();
        while (true)
        {
            if (AreTyped)
                Console.Write(prompt);
            if (!lines.TryTake(out string? line, Timeout.Infinite, cancellation) || (AreTyped && line.Length == 0))
                yield break;
            yield return line;
        }
    }

    private static void Fill(BlockingCollection<string> lines)
    {
        try
        {
            using TextReader input = AreTyped ? Console.In : new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            while (input.ReadLine() is { } line)
                lines.Add(line);
            lines.CompleteAdding();
        }
        catch (ObjectDisposedException)
        {
            // Nobody reads any more.
        }
    }
}
