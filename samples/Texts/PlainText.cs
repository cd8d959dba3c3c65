using System.Globalization;
using System.Text;
using Microsoft.ML;

namespace MLNet.Papers.Samples.Texts;

/// <summary>Text as fastText reads it: a sentence a line, words between spaces.</summary>
internal static class PlainText
{
    /// <summary>A text in small letters on a single line, each punctuation mark a word of its own.</summary>
    public static string Normalize(string text)
    {
        var line = new StringBuilder(text.Length + 16);
        bool isApart = true;
        foreach (char letter in text)
        {
            bool isWord = char.IsLetterOrDigit(letter) || char.IsSurrogate(letter) || letter == '_'
                || char.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark;
            if (line.Length > 0 && (isApart || !isWord) && line[^1] != ' ')
                line.Append(' ');
            if (!char.IsWhiteSpace(letter))
                line.Append(char.ToLowerInvariant(letter));
            isApart = !isWord;
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>The lines of a file as rows with a column Text. The file is read anew for each pass over the rows, and never held.</summary>
    /// <exception cref="InputException">There is no such file, or it is empty.</exception>
    public static IDataView Rows(MLContext ml, string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"'{path}' is a folder; a text file is needed.");
        if (!File.Exists(path))
            throw new InputException($"'{path}' does not exist.");
        if (new FileInfo(path).Length == 0)
            throw new InputException($"'{path}' is empty.");
        return Rows(ml, Lines(path));
    }

    /// <summary>
    /// The lines of a file, which is opened anew for each enumeration: one of <see cref="File.ReadLines(string)"/> that ends early spoils the next.
    /// </summary>
    public static IEnumerable<string> Lines(string path)
    {
        foreach (string line in File.ReadLines(path))
            yield return line;
    }

    /// <summary>Lines as rows with a column Text.</summary>
    public static IDataView Rows(MLContext ml, IEnumerable<string> lines) => ml.Data.LoadFromEnumerable(lines.Select(line => new Line { Text = line }));

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }
}
