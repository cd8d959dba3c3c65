using Microsoft.ML;

namespace MLNet.Papers.Bert;

/// <summary>A column of texts, and maybe one of the texts that each is paired with.</summary>
/// <param name="Text">The texts.</param>
/// <param name="Second">The second texts; null for none.</param>
internal sealed record TextPairColumns(string Text, string? Second)
{
    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => Second is null ? [Text] : [Text, Second];
}

/// <summary>Reads texts, or pairs of texts, for a network.</summary>
internal sealed class TextPairReader
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _text;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _second;
    private ReadOnlyMemory<char> _firstText;
    private ReadOnlyMemory<char> _secondText;

    /// <param name="model">The encoder.</param>
    /// <param name="row">The row to read.</param>
    /// <param name="columns">The columns.</param>
    public TextPairReader(BertModel model, DataViewRow row, TextPairColumns columns)
    {
        (Texts, Columns) = (new(model), columns);
        _text = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[columns.Text]);
        _second = columns.Second is null ? null : row.GetGetter<ReadOnlyMemory<char>>(row.Schema[columns.Second]);
    }

    /// <summary>The columns.</summary>
    public TextPairColumns Columns { get; }

    /// <summary>What was read.</summary>
    public BertTexts Texts { get; }

    /// <summary>Reads the current row.</summary>
    public void Read()
    {
        _text(ref _firstText);
        if (_second is null)
        {
            Texts.Add(_firstText.Span);
            return;
        }

        _second(ref _secondText);
        Texts.Add(_firstText.Span, _secondText.Span);
    }
}
