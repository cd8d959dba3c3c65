using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>What a batch of sequences became in the network.</summary>
/// <param name="Top">The top layer, (B, T, H).</param>
/// <param name="Text">The vectors of the texts, (B, H).</param>
/// <param name="Head">The new layer: what it reads (…, H) loses a part by dropout, and becomes its outputs (…, N).</param>
internal sealed record EncodedBatch(Tensor Top, Func<Tensor> Text, Func<Tensor, Tensor> Head);

/// <summary>Rows to learn from, and the loss of a task on them.</summary>
internal abstract class FineTuningRows
{
    private readonly List<int> _rows = [];

    /// <summary>Their pieces, 4 bytes each: a sequence for a row of the data, or several where it is long.</summary>
    public BertBatch Sequences { get; } = new();

    /// <summary>How many rows the sequences are of.</summary>
    public int Count { get; private set; }

    /// <summary>The row that a sequence is of.</summary>
    public int Row(int sequence) => _rows[sequence];

    /// <summary>The class of a row of the data, of which the last stays with those to train on; below 0 for none.</summary>
    public virtual int ClassOf(int row) => -1;

    /// <summary>What is predicted for a sequence: one thing, or as many as it has labels.</summary>
    public virtual int Items(int sequence) => 1;

    /// <summary>The mean loss of the items of some sequences.</summary>
    /// <param name="batch">What they became.</param>
    /// <param name="sequences">Which.</param>
    public abstract Tensor Loss(EncodedBatch batch, int[] sequences);

    /// <summary>Adds a sequence of the row that was begun last.</summary>
    /// <param name="pieces">The numbers of its pieces, with the marks.</param>
    /// <param name="second">The place from which they are of the second text.</param>
    public void AddSequence(ReadOnlySpan<int> pieces, int second)
    {
        Sequences.Add(pieces, second);
        _rows.Add(Count - 1);
    }

    /// <summary>Begins a row.</summary>
    public void BeginRow() => Count++;

    /// <summary>Writes what is learned for hashing.</summary>
    protected abstract void AppendTo(XxHash3 hash);

    /// <summary>A text that differs for other rows.</summary>
    public string Fingerprint()
    {
        var hash = new XxHash3();
        Span<int> shape = stackalloc int[2];
        for (int i = 0; i < Sequences.Count; i++)
        {
            (shape[0], shape[1]) = (Sequences.Length(i), Sequences.Second(i));
            hash.Append(MemoryMarshal.AsBytes(shape));
            hash.Append(MemoryMarshal.AsBytes(Sequences.Pieces(i)));
        }

        AppendTo(hash);
        return FormattableString.Invariant($"{Count} rows {Sequences.Count} sequences {hash.GetCurrentHashAsUInt64():x16}");
    }
}

/// <summary>Texts with classes: softmax and cross-entropy over the text's vector.</summary>
internal sealed class ClassifiedTexts : FineTuningRows
{
    private readonly List<int> _classes = [];

    /// <summary>How many different classes there are.</summary>
    public int Classes => _classes.Distinct().Count();

    /// <summary>Adds what is learned of the next sequence.</summary>
    /// <returns>True.</returns>
    public bool Add(int label)
    {
        _classes.Add(label);
        return true;
    }

    public override int ClassOf(int row) => _classes[row];

    public override Tensor Loss(EncodedBatch batch, int[] sequences)
    {
        Tensor logits = batch.Head(batch.Text());
        return nn.functional.cross_entropy(logits, tensor(Array.ConvertAll(sequences, i => (long)_classes[i])).to(logits.device));
    }

    protected override void AppendTo(XxHash3 hash) => hash.Append(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_classes)));
}

/// <summary>Texts with numbers: the squared error, on a scale of mean 0 and deviation 1.</summary>
internal sealed class ScoredTexts : FineTuningRows
{
    private readonly List<float> _scores = [];

    /// <summary>Adds what is learned of the next sequence.</summary>
    public void Add(float score) => _scores.Add(score);

    /// <summary>The scale of the numbers.</summary>
    public StandardScale Scale() => StandardScale.Of(_scores.Select(score => new[] { score }), 1);

    /// <summary>Puts the numbers on a scale.</summary>
    public void Apply(StandardScale scale)
    {
        foreach (ref float score in CollectionsMarshal.AsSpan(_scores))
            scale.Apply(new Span<float>(ref score));
    }

    public override Tensor Loss(EncodedBatch batch, int[] sequences)
    {
        Tensor scores = batch.Head(batch.Text()).squeeze(1);
        return nn.functional.mse_loss(scores, tensor(Array.ConvertAll(sequences, i => _scores[i])).to(scores.device));
    }

    protected override void AppendTo(XxHash3 hash) => hash.Append(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_scores)));
}

/// <summary>
/// Texts whose words have labels: softmax and cross-entropy over the vector of each word's first piece; other pieces have no part in the loss.
/// </summary>
internal sealed class TaggedTexts : FineTuningRows
{
    private readonly List<(int Piece, int Label)[]> _words = [];

    /// <summary>How many tokens have labels.</summary>
    public int Tokens => _words.Sum(words => words.Length);

    /// <summary>How many different labels they have.</summary>
    public int Labels => _words.SelectMany(words => words).Select(word => word.Label).Distinct().Count();

    /// <summary>Adds what is learned of the next sequence.</summary>
    /// <param name="words">The places of the first pieces of the words that have labels, and these; at least one.</param>
    public void Add((int Piece, int Label)[] words) => _words.Add(words);

    /// <summary>Adds a row.</summary>
    /// <param name="texts">Its pieces.</param>
    /// <param name="parts">Its parts; those without labels are passed over.</param>
    /// <param name="labels">The label of each word, -1 for none.</param>
    public void Add(BertTexts texts, List<WordPart> parts, ReadOnlySpan<int> labels)
    {
        BeginRow();
        foreach ((int text, int firstWord, int count) in parts)
        {
            var words = new List<(int Piece, int Label)>();
            for (int word = 0; word < count; word++)
            {
                if (labels[firstWord + word] is var label and >= 0)
                    words.Add((texts.PlacesOf(text, word).First, label));
            }

            if (words.Count == 0)
                continue;
            AddSequence(texts.Batch.Pieces(text), texts.Batch.Second(text));
            Add([.. words]);
        }
    }

    public override int Items(int sequence) => _words[sequence].Length;

    public override Tensor Loss(EncodedBatch batch, int[] sequences)
    {
        long steps = batch.Top.shape[1];
        long[] places = [.. sequences.SelectMany((sequence, i) => _words[sequence].Select(word => (i * steps) + word.Piece))];
        long[] labels = [.. sequences.SelectMany(sequence => _words[sequence].Select(word => (long)word.Label))];
        Tensor firsts = batch.Top.flatten(0, 1).index_select(0, tensor(places).to(batch.Top.device));
        return nn.functional.cross_entropy(batch.Head(firsts), tensor(labels).to(batch.Top.device));
    }

    protected override void AppendTo(XxHash3 hash)
    {
        foreach ((int Piece, int Label)[] words in _words)
            hash.Append(MemoryMarshal.AsBytes(words.AsSpan()));
    }
}

/// <summary>Windows of contexts behind questions, with the pieces that an answer begins and ends at; both are [CLS] where a window does not have it.</summary>
internal sealed class AnsweredQuestions : FineTuningRows
{
    private readonly List<(int First, int Last)> _contexts = [];
    private readonly List<(int Start, int End)> _answers = [];

    /// <summary>Whether there are rows without an answer.</summary>
    public bool HasUnanswered { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <param name="batch">Its pieces.</param>
    /// <param name="windows">Its windows.</param>
    /// <param name="answer">The first and the last piece of the answer in the context; null where there is none.</param>
    /// <returns>Whether a window has the whole answer, if there is one.</returns>
    public bool Add(BertBatch batch, List<ContextWindow> windows, (int First, int Last)? answer)
    {
        BeginRow();
        HasUnanswered |= answer is null;
        bool isWhole = answer is null;
        foreach ((int text, int place, int first, int count) in windows)
        {
            bool isHere = answer is var (begin, end) && begin >= first && end < first + count;
            isWhole |= isHere;
            int shift = place - first;
            AddSequence(batch.Pieces(text), batch.Second(text));
            Add((place, place + count - 1), isHere ? (answer!.Value.First + shift, answer.Value.Last + shift) : (0, 0));
        }

        return isWhole;
    }

    /// <summary>Adds what is learned of the next sequence.</summary>
    /// <param name="context">The first and the last piece of the context.</param>
    /// <param name="answer">Those of the answer.</param>
    public void Add((int First, int Last) context, (int Start, int End) answer)
    {
        _contexts.Add(context);
        _answers.Add(answer);
    }

    public override Tensor Loss(EncodedBatch batch, int[] sequences)
    {
        Tensor top = batch.Top, logits = batch.Head(top);  // (B, T, 2)
        int steps = (int)top.shape[1];
        bool[] outside = [.. sequences.SelectMany(i => Enumerable.Range(0, steps).Select(
            piece => piece > 0 && (piece < _contexts[i].First || piece > _contexts[i].Last)))];
        using TorchSharp.Scalar never = float.NegativeInfinity;
        Tensor own = logits.masked_fill(tensor(outside, [sequences.Length, steps, 1]).to(top.device), never);
        Tensor starts = tensor(Array.ConvertAll(sequences, i => (long)_answers[i].Start)).to(top.device);
        Tensor ends = tensor(Array.ConvertAll(sequences, i => (long)_answers[i].End)).to(top.device);
        return (nn.functional.cross_entropy(own.select(2, 0), starts) + nn.functional.cross_entropy(own.select(2, 1), ends)).Times(0.5);
    }

    protected override void AppendTo(XxHash3 hash)
    {
        hash.Append(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_contexts)));
        hash.Append(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_answers)));
    }
}
