using Microsoft.ML;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Bert;

/// <summary>A part of a text that the network reads in one go.</summary>
/// <param name="Text">Its number in the batch.</param>
/// <param name="FirstWord">The first of its words in the row.</param>
/// <param name="Words">How many words it has; at least 1.</param>
internal readonly record struct WordPart(int Text, int FirstWord, int Words);

/// <summary>
/// Reads the words of texts. Those that are too long for the network are read in parts, each as if it were a text of its own, so that every word is read.
/// </summary>
internal sealed class BertWordReader
{
    private readonly BertModel _model;
    private readonly TokenInput _input;
    private readonly List<ReadOnlyMemory<char>> _words = [];

    /// <param name="model">The encoder.</param>
    /// <param name="row">The row to read.</param>
    /// <param name="column">A text, whose words stand between white space, or a vector of texts, the words.</param>
    public BertWordReader(BertModel model, DataViewRow row, string column) =>
        (_model, Texts, _input) = (model, new(model), TokenInput.Create(row, column));

    /// <summary>What was read.</summary>
    public BertTexts Texts { get; }

    /// <summary>Reads the current row.</summary>
    /// <param name="parts">Receives its parts.</param>
    /// <returns>How many words it has.</returns>
    public int Read(List<WordPart> parts)
    {
        _input.Read(_words);
        for (int first = 0; first < _words.Count;)
        {
            // No more words than there is room for: each has a piece at least.
            Texts.AddWords(_words.GetRange(first, Math.Min(_model.MaxLength - 2, _words.Count - first)));
            int text = Texts.Batch.Count - 1, words = 0;
            while (words < Texts.Words(text) && Texts.PlacesOf(text, words) is var (begin, end) && begin < end)
                words++;
            parts.Add(new WordPart(text, first, words));
            first += words;
        }

        return _words.Count;
    }
}
