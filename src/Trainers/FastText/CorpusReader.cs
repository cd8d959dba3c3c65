using System.Runtime.CompilerServices;
using Microsoft.ML;
using MLNet.Papers.Labels;

namespace MLNet.Papers.FastText;

/// <summary>Reads the lines of a view several times over, block by block. Workers take turns; a row's text is held only while a worker learns from it.</summary>
/// <param name="corpus">The rows.</param>
/// <param name="passes">How often they are read.</param>
internal sealed class CorpusReader(Corpus corpus, int passes) : IDisposable
{
    private readonly Lock _gate = new();
    private DataViewRowCursor? _cursor;
    private TextInput? _text;
    private KeyInput? _labels;
    private int _pass;

    /// <summary>Fills a block; false if there are no lines left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Read(CorpusBlock block)
    {
        lock (_gate)
        {
            block.Clear();
            while (!block.IsFull && MoveNext())
            {
                _text!.Append(block.Text);
                block.EndLine(_labels is null ? [] : _labels.Read());
            }

            return block.Count > 0;
        }
    }

    public void Dispose()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    private bool MoveNext()
    {
        while (_pass < passes)
        {
            if (_cursor is null)
                Open();
            if (_cursor!.MoveNext())
                return true;
            Dispose();
            _pass++;
        }

        return false;
    }

    private void Open()
    {
        string[] names = corpus.LabelColumn is null ? [corpus.TextColumn] : [corpus.TextColumn, corpus.LabelColumn];
        _cursor = corpus.Data.GetRowCursor(names.Select(name => corpus.Data.Schema[name]));
        _text = TextInput.Create(_cursor, corpus.TextColumn);
        _labels = corpus.Labels?.Reader(_cursor);
    }
}
