using Microsoft.ML;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>The words nearest to others, on the console.</summary>
internal static class NeighborReport
{
    private const int Count = 6;
    private const int ShortestLongWord = 7;

    private static readonly string[] Known = ["left", "true", "month", "cosine", "subtracting", "asynchronous"];

    // The last one shows where it ends: the misspelling shares more pieces with other words than with the right one.
    private static readonly string[] Unknown = ["asyncronous", "certifcate", "dictionnary", "encryptable", "decrypter", "recieved"];

    /// <summary>The neighbours of some words that the model knows and of some that it does not.</summary>
    /// <param name="ml">Where words without content are recognised.</param>
    /// <param name="model">The model.</param>
    /// <param name="isDocumentation">Whether it was learned from the documentation of .NET, for which the words were chosen.</param>
    public static void Examples(MLContext ml, FastTextModel model, bool isDocumentation)
    {
        string[] known = isDocumentation ? Known : [.. ContentWords.Of(ml, model, 2_000).Where(word => word.Length >= ShortestLongWord).Take(Known.Length)];
        string[] unknown = isDocumentation ? Unknown : [.. known.Select(Misspell)];
        Table table = new Table().AddColumns("Word", "", "Nearest neighbours (cosine)");
        foreach (string word in known.Concat(unknown))
            table.AddRow(Markup.Escape(word), IsKnown(model, word) ? "" : "never seen", Markup.Escape(Neighbors(model, word)));
        AnsiConsole.Write(table);
    }

    /// <summary>The neighbours of a word that the user asks for.</summary>
    public static void Answer(FastTextModel model, string line)
    {
        string word = line.Trim();
        if (word.Any(char.IsWhiteSpace))
            Console.WriteLine("One word at a time, please.");
        else if (word.Length > 0)
            Console.WriteLine($"{word}{(IsKnown(model, word) ? "" : " (never seen)")}: {Neighbors(model, word)}");
    }

    private static bool IsKnown(FastTextModel model, string word) => model.WordVectors.ContainsKey(word);

    private static string Neighbors(FastTextModel model, string word) => model.GetWordVector(word).AsSpan().ContainsAnyExcept(0f)
        ? string.Join(", ", model.NearestNeighbors(word, Count).Select(neighbor => Invariant($"{neighbor.Word} {neighbor.Similarity:F2}")))
        : "no vector: the model knows neither the word nor a piece of it";

    // Two letters in the middle change places.
    private static string Misspell(string word)
    {
        char[] letters = word.ToCharArray();
        int middle = letters.Length / 2;
        (letters[middle], letters[middle - 1]) = (letters[middle - 1], letters[middle]);
        return letters[middle] == letters[middle - 1] ? word.Remove(middle, 1) : new string(letters);
    }
}
