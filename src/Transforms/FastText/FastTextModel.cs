using System.Numerics.Tensors;
using System.Text;
using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>A fastText model: vectors for any word, also for words it has never seen, and for a classifier the labels of a text.</summary>
/// <remarks>
/// <para><b>Source.</b> Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606;
/// Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759;
/// Joulin et al., "FastText.zip: Compressing text classification models", 2016, arXiv:1612.03651.</para>
/// <para><b>Text.</b> Upper and lower case differ, and nothing is normalised. Words stand between space, tab, line feed, carriage return, vertical tab, form
/// feed and NUL;
/// no other character separates them, a no-break space neither. A text is one line.</para>
/// <para><b>Files.</b> Those of the fastText program: <c>.bin</c>, <c>.ftz</c> and <c>.vec</c>. A file of versions 11 or 12 is read; version 12 is written,
/// byte for byte as it was read.
/// A <c>.vec</c> file makes a model of word vectors alone, without n-grams: unknown words have a vector of zeros. Saved as <c>.bin</c> it has no output
/// rows.</para>
/// <para><b>Threads.</b> A model is immutable and may be shared by threads. It holds managed memory only.</para>
/// </remarks>
public sealed partial class FastTextModel
{
    private readonly Lazy<NormalizedWords> _normalized;
    private readonly Lazy<LabelScorer> _labels;
    private Workspace? _workspace;

    internal FastTextModel(FastTextArguments arguments, FastTextDictionary dictionary, EmbeddingMatrix input, EmbeddingMatrix? output)
    {
        Arguments = arguments;
        Dictionary = dictionary;
        Input = input;
        Output = output;
        Words = new EntryNames(dictionary, ofLabels: false);
        Labels = new EntryNames(dictionary, ofLabels: true);
        WordVectors = new FastTextWordVectors(this);
        _normalized = new(() => new NormalizedWords(this));
        _labels = new(() => new LabelScorer(arguments.Loss, output!, dictionary.Counts(ofLabels: true)));
    }

    /// <summary>The length of a vector.</summary>
    public int Dimension => Arguments.Dimension;

    /// <summary>
    /// The words it knows, each once, the most frequent first. A classifier has the end of a line, <c>&lt;/s&gt;</c>, among them. Of a word that stands twice
    /// in a file the later one is known, as to the fastText program; words of a file that are not UTF-8 cannot be asked for, and are not among these.
    /// </summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The labels of a classifier, the most frequent first, without the prefix <c>__label__</c>; none for word vectors.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The vectors of the words it knows.</summary>
    public FastTextWordVectors WordVectors { get; }

    /// <summary>What it was trained to predict.</summary>
    public FastTextArchitecture Architecture => Arguments.Architecture;

    /// <summary>How its outputs are scored.</summary>
    public FastTextLoss Loss => Arguments.Loss;

    /// <summary>Whether its rows are compressed, as in a <c>.ftz</c> file.</summary>
    public bool IsQuantized => Input is QuantizedMatrix;

    /// <summary>Whether the n-grams of a word's letters have vectors, so that unknown words have too.</summary>
    public bool HasSubwords => Arguments.HasSubwords;

    internal FastTextArguments Arguments { get; }

    internal FastTextDictionary Dictionary { get; }

    internal EmbeddingMatrix Input { get; }

    /// <summary>One row for each label or word; null for a model of word vectors alone.</summary>
    internal EmbeddingMatrix? Output { get; }

    /// <summary>The vector of a word: the mean of its rows.</summary>
    /// <param name="word">Any word. Known words have a row of their own and those of their n-grams, unknown ones only the latter.</param>
    /// <returns><see cref="Dimension"/> values; zeros where the model has no row for the word.</returns>
    public float[] GetWordVector(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        float[] vector = new float[Dimension];
        WordVector(word, vector);
        return vector;
    }

    /// <summary>The pieces that a word's vector is the mean of: the word itself, if it is known, and its n-grams.</summary>
    /// <param name="word">Any word.</param>
    public IReadOnlyList<FastTextSubword> GetSubwords(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        byte[] name = new Utf8Text().Encode(word).ToArray();
        var pieces = new List<FastTextSubword>();
        int id = Dictionary.FindWord(name);
        if (id >= 0)
            pieces.Add(new FastTextSubword(word, id));
        if (!HasSubwords || name.AsSpan().SequenceEqual(FastTextDictionary.EndOfSentenceToken))
            return pieces;
        ReadOnlySpan<byte> bracketed = SubwordEnumerator.Bracket(name, new byte[name.Length + 2]);
        foreach (ReadOnlySpan<byte> piece in new SubwordEnumerator(bracketed, Arguments.MinNgramLength, Arguments.MaxNgramLength))
        {
            int row = Dictionary.NgramRow(SubwordHash.Of(piece) % (uint)Arguments.Buckets);
            if (row >= 0)
                pieces.Add(new FastTextSubword(Encoding.UTF8.GetString(piece), row));
        }

        return pieces;
    }

    /// <summary>The vector of a text.</summary>
    /// <param name="text">Any text, taken as one line. To a classifier it ends where a word is <c>&lt;/s&gt;</c>.</param>
    /// <returns>
    /// <see cref="Dimension"/> values. Of word vectors: the mean of the words' vectors, each brought to length 1 first; words without a vector do not count.
    /// Of a classifier: the
    /// mean of the rows that it classifies the line by, those of word n-grams and of the end of the line included. Zeros where there is no row.
    /// </returns>
    public float[] GetSentenceVector(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Workspace workspace = TakeWorkspace();
        float[] vector = new float[Dimension];
        SentenceVector(workspace.Text.Encode(text), vector, workspace);
        _workspace = workspace;
        return vector;
    }

    /// <summary>The known words whose vectors are nearest to that of a word, by cosine.</summary>
    /// <param name="word">Any word; it is not among the answers.</param>
    /// <param name="k">The most words, at least 1.</param>
    /// <returns>The nearest word first. To a word without a vector all words are equally far, at 0, as in the fastText program.</returns>
    /// <remarks>The first call computes the vectors of all words and keeps them: 4 · words · <see cref="Dimension"/> bytes.</remarks>
    public IReadOnlyList<WordSimilarity> NearestNeighbors(string word, int k = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return Nearest(GetWordVector(word), k, word);
    }

    /// <summary>
    /// The known words that are to <paramref name="c"/> what <paramref name="a"/> is to <paramref name="b"/>: nearest to a - b + c, each at length 1.
    /// </summary>
    /// <param name="a">A word, such as "berlin".</param>
    /// <param name="b">What it belongs to, such as "germany".</param>
    /// <param name="c">What the answer belongs to, such as "france". The three words are not among the answers.</param>
    /// <param name="k">The most words, at least 1.</param>
    /// <returns>The nearest word first.</returns>
    /// <remarks>The first call computes the vectors of all words and keeps them: 4 · words · <see cref="Dimension"/> bytes.</remarks>
    public IReadOnlyList<WordSimilarity> Analogies(string a, string b, string c, int k = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        float[] query = new float[Dimension];
        foreach ((string word, float sign) in new[] { (a, 1f), (b, -1f), (c, 1f) })
        {
            float[] vector = GetWordVector(word);
            TensorPrimitives.MultiplyAdd(vector, sign / (TensorPrimitives.Norm<float>(vector) + 1e-8f), query, query);
        }

        return Nearest(query, k, a, b, c);
    }

    /// <summary>The most probable labels of a text.</summary>
    /// <param name="text">
    /// Any text, taken as one line, which ends where a word is <c>&lt;/s&gt;</c>. Words that begin with <c>__label__</c> are passed over.
    /// </param>
    /// <param name="k">The most labels, at least 1.</param>
    /// <param name="threshold">The least probability, from 0 to 1.</param>
    /// <returns>
    /// The most probable label first; none if the model has no row for any part of the text. Probabilities are raised by 1e-5, as by the fastText program, up
    /// to 1 at most.
    /// </returns>
    /// <remarks>
    /// With <see cref="FastTextLoss.Softmax"/> and <see cref="FastTextLoss.HierarchicalSoftmax"/> these are the numbers that the program reports, but for
    /// rounding. With <see cref="FastTextLoss.NegativeSampling"/> and <see cref="FastTextLoss.OneVersusAll"/> they differ from its numbers by up to 0.008: the
    /// program takes sigmoids from a table of 512 entries, this method computes them.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The model is not a classifier.</exception>
    public IReadOnlyList<LabelProbability> Predict(string text, int k = 1, float threshold = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (!(threshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold must be from 0 to 1.");
        RequireClassifier();
        Workspace workspace = TakeWorkspace();
        IReadOnlyList<LabelProbability> labels = LineVector(workspace.Text.Encode(text), workspace.Sum, workspace) == 0
            ? []
            : [.. _labels.Value.Best(workspace.Sum, k, threshold, workspace.Probabilities)
                .Select(label => new LabelProbability(Labels[label.Id], label.Score))];
        _workspace = workspace;
        return labels;
    }

    /// <summary>The id of a word, -1 if it is unknown.</summary>
    internal int FindWord(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return Dictionary.FindWord(new Utf8Text().Encode(word));
    }

    /// <exception cref="InvalidOperationException">The model is not a classifier.</exception>
    internal void RequireClassifier()
    {
        if (!Arguments.IsSupervised)
            throw new InvalidOperationException($"The model must be a classifier, but its architecture is {Architecture}.");
    }

    /// <summary>The vector of a word.</summary>
    internal void WordVector(string word, Span<float> vector)
    {
        Workspace workspace = TakeWorkspace();
        WordVector(workspace.Text.Encode(word), vector, workspace);
        _workspace = workspace;
    }

    /// <summary>The vector of a word, in UTF-8.</summary>
    internal void WordVector(ReadOnlySpan<byte> word, Span<float> vector, Workspace workspace)
    {
        int id = Dictionary.FindWord(word);
        if (id >= 0)
            WordVector(id, vector, workspace.Rows);
        else
            MeanOfSubwords(-1, word, vector, workspace.Rows);
    }

    /// <summary>The vector of a word that the model knows.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="vector">Receives it.</param>
    /// <param name="room">Room for some rows.</param>
    internal void WordVector(int id, Span<float> vector, List<int> room)
    {
        if (Dictionary.HoldsRows(id))
            Input.Mean(Dictionary.Rows(id), vector);
        else
            MeanOfSubwords(id, Dictionary.Name(id), vector, room);
    }

    /// <summary>The vector of a line, in UTF-8.</summary>
    internal void SentenceVector(ReadOnlySpan<byte> text, Span<float> vector, Workspace workspace)
    {
        if (Arguments.IsSupervised)
            LineVector(text, vector, workspace);
        else
            MeanOfNormalizedWords(text, vector, workspace);
    }

    /// <summary>The mean of the rows of a classifier's line.</summary>
    /// <returns>How many rows it has.</returns>
    internal int LineVector(ReadOnlySpan<byte> text, Span<float> vector, Workspace workspace)
    {
        workspace.Rows.Clear();
        Dictionary.AppendLine(text, workspace.Rows, workspace.Tokens);
        Input.Mean(workspace.RowSpan, vector);
        return workspace.Rows.Count;
    }

    /// <summary>The probabilities of all labels of a line, in the order of <see cref="Labels"/>.</summary>
    internal ReadOnlySpan<float> Probabilities(ReadOnlySpan<byte> text, Workspace workspace)
    {
        LineVector(text, workspace.Sum, workspace);
        _labels.Value.Score(workspace.Sum, workspace.Probabilities);
        return workspace.Probabilities;
    }

    // The rows of a very long word are not held all at once.
    private void MeanOfSubwords(int id, ReadOnlySpan<byte> word, Span<float> mean, List<int> room)
    {
        mean.Clear();
        if (id >= 0)
            Input.AddRow(id, mean);
        long count = (id >= 0 ? 1 : 0) + Dictionary.AddSubwords(word, Input, mean, room);
        if (count > 1)
            TensorPrimitives.Multiply(mean, 1f / count, mean);
    }

    private void MeanOfNormalizedWords(ReadOnlySpan<byte> text, Span<float> mean, Workspace workspace)
    {
        mean.Clear();
        bool isKept = NormalizedWords.AreSmall(this);
        int count = 0;
        var tokens = new TokenEnumerator(text);
        while (tokens.MoveNext())
        {
            int id = Dictionary.Find(tokens.Current, tokens.Hash);
            if (isKept && id >= 0 && id < Dictionary.WordCount)
            {
                if (!_normalized.Value.TryGet(id, out ReadOnlySpan<float> known))
                    continue;
                TensorPrimitives.Add(mean, known, mean);
            }
            else
            {
                WordVector(tokens.Current, workspace.Vector, workspace);
                float norm = TensorPrimitives.Norm<float>(workspace.Vector);
                if (!(norm > 0))
                    continue;
                TensorPrimitives.MultiplyAdd(workspace.Vector, 1 / norm, mean, mean);
            }

            count++;
        }

        if (count > 1)
            TensorPrimitives.Multiply(mean, 1f / count, mean);
    }

    private IReadOnlyList<WordSimilarity> Nearest(float[] query, int k, params ReadOnlySpan<string> excluded)
    {
        int words = Dictionary.WordCount;
        float norm = TensorPrimitives.Norm<float>(query);
        if (norm >= 1e-8f)
            TensorPrimitives.Divide(query, norm, query);
        float[] similarities = new float[words];
        _normalized.Value.Multiply(query, similarities);
        HashSet<int> hidden = [];
        foreach (string word in excluded)
            hidden.Add(FindWord(word));
        var best = new BestScores(k);
        for (int id = 0; id < words; id++)
        {
            if (similarities[id] >= best.Worst && Dictionary.IsNamed(id) && !hidden.Contains(id))
                best.Offer(similarities[id], id);
        }

        return [.. best.Descending().Select(word => new WordSimilarity(Dictionary.NameText(word.Id), word.Score))];
    }

    // Threads that come while another one works make a workspace of their own; the last one to finish leaves its own behind.
    private Workspace TakeWorkspace() => Interlocked.Exchange(ref _workspace, null) ?? new Workspace(this);
}
