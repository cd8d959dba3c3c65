using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.LanguageModel;

/// <summary>A part of a row that is learned from at once.</summary>
/// <param name="First">The place of the first token that is read.</param>
/// <param name="Steps">How many are read; what follows each is predicted.</param>
/// <param name="History">How many of the predictions do not count.</param>
internal readonly record struct TokenWindow(int First, int Steps, int History)
{
    /// <summary>The windows of a row: every prediction counts in one of them, and rests on some tokens or on all that there are.</summary>
    /// <param name="first">The place of the row's edge.</param>
    /// <param name="steps">The row's tokens, and one.</param>
    /// <param name="length">The most steps of a window.</param>
    /// <param name="history">Steps that a window reads before those that count, but for the first one.</param>
    public static IEnumerable<TokenWindow> Of(int first, int steps, int length, int history)
    {
        yield return new(first, Math.Min(length, steps), 0);
        for (int counted = length; counted < steps; counted += length - history)
            yield return new(first + counted - history, Math.Min(length, steps - counted + history), history);
    }
}

/// <summary>Batches of windows: what is read, Single (T, B, 1), and the predictions that count.</summary>
/// <param name="tokens">The tokens of all rows.</param>
/// <param name="windows">The windows.</param>
/// <param name="symbols">What each number of a token stands for; null where they stand for themselves.</param>
/// <param name="device">The device of the network.</param>
internal sealed class TokenWindows(TrainingRows tokens, TokenWindow[] windows, int[]? symbols, Device device) : BatchSource
{
    /// <summary>The name of where what counts stands among all steps, step after step and in each window after window, Int64 (N).</summary>
    public const string Places = "places";

    private readonly int[] _lengths = Array.ConvertAll(windows, window => window.Steps);

    public override int Count => windows.Length;

    /// <summary>The most steps of a window.</summary>
    public int Longest { get; } = windows.Max(window => window.Steps);

    /// <summary>How many predictions count, all windows together.</summary>
    public long Predictions { get; } = windows.Sum(window => (long)window.Steps - window.History);

    public override int ValidatedAtOnce(int batchSize) => batchSize;

    public override Batch Draw(ReadOnlySpan<int> items, Random random)
    {
        int count = items.Length, longest = 0;
        foreach (int item in items)
            longest = Math.Max(longest, windows[item].Steps);
        float[] read = new float[checked(longest * count)];
        List<long> places = [], targets = [];
        for (int row = 0; row < count; row++)
        {
            TokenWindow window = windows[items[row]];
            int before = At(window.First);
            for (int step = 0; step < window.Steps; step++)
            {
                int next = At(window.First + step + 1);
                read[(step * count) + row] = before;
                if (step >= window.History)
                {
                    places.Add(((long)step * count) + row);
                    targets.Add(next);
                }

                before = next;
            }
        }

        return new(count, new Dictionary<string, Tensor>
        {
            [TrainingRows.Inputs] = tensor(read, [longest, count, 1]).clone().to(device),
            [TrainingRows.Targets] = tensor(targets.ToArray()).to(device),
            [Places] = tensor(places.ToArray()).to(device),
        });

        int At(int place)
        {
            int number = tokens.ClassOf(place, TrainingRows.Inputs);
            return symbols is null ? number : symbols[number];
        }
    }

    /// <summary>Windows of about one length are put together, so that little is padded; which ones and in what order is drawn.</summary>
    public override int[][] Order(int batches, Random random) => LengthBatches.Draw(_lengths, batches, random);

    public override string Fingerprint()
    {
        var hash = new XxHash64();
        hash.Append(MemoryMarshal.AsBytes(windows.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes(symbols.AsSpan()));
        ulong all = tokens.Hash([.. Enumerable.Range(0, tokens.Count)]);
        return FormattableString.Invariant($"{windows.Length} windows {hash.GetCurrentHashAsUInt64():x16} {all:x16}");
    }
}
