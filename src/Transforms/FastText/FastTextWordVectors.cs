using System.Collections;
using System.Diagnostics.CodeAnalysis;
using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>
/// The vectors of the words that a model knows, by word. Words it has never seen have vectors too: <see cref="FastTextModel.GetWordVector"/> gives them.
/// </summary>
/// <remarks>
/// <para>The order is that of <see cref="FastTextModel.Words"/>: the most frequent word comes first.</para>
/// <para>Where a word is a single row of the model, its vector is that row and nothing is copied; else each vector is computed when it is asked for.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Users look for the vectors of words, not for a dictionary.")]
public sealed class FastTextWordVectors : IReadOnlyDictionary<string, ReadOnlyMemory<float>>
{
    private readonly FastTextModel _model;

    internal FastTextWordVectors(FastTextModel model) => _model = model;

    /// <summary>How many words there are.</summary>
    public int Count => _model.Words.Count;

    /// <summary>The length of a vector.</summary>
    public int Dimension => _model.Dimension;

    /// <summary>The words.</summary>
    public IEnumerable<string> Keys => _model.Words;

    /// <summary>The vectors.</summary>
    public IEnumerable<ReadOnlyMemory<float>> Values => Enumerable.Range(0, Count).Select(VectorOf);

    /// <summary>The vector of a word.</summary>
    /// <param name="key">The word.</param>
    /// <exception cref="KeyNotFoundException">The model does not know the word.</exception>
    public ReadOnlyMemory<float> this[string key] =>
        TryGetValue(key, out ReadOnlyMemory<float> vector) ? vector : throw new KeyNotFoundException($"The model does not know the word '{key}'.");

    /// <summary>The vector of the word at a place of the dictionary.</summary>
    /// <param name="index">The place, from 0.</param>
    public ReadOnlyMemory<float> VectorOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return VectorOfId(_model.Dictionary.NamedId(index));
    }

    /// <summary>Whether the model knows a word.</summary>
    /// <param name="key">The word.</param>
    public bool ContainsKey(string key) => _model.FindWord(key) >= 0;

    /// <summary>The vector of a word.</summary>
    /// <param name="key">The word.</param>
    /// <param name="value">Its vector.</param>
    /// <returns>Whether the model knows the word.</returns>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out ReadOnlyMemory<float> value)
    {
        int id = _model.FindWord(key);
        value = id >= 0 ? VectorOfId(id) : default;
        return id >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ReadOnlyMemory<float>>> GetEnumerator() =>
        Enumerable.Range(0, Count).Select(index => KeyValuePair.Create(_model.Words[index], VectorOf(index))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ReadOnlyMemory<float> VectorOfId(int id)
    {
        if (_model.Input is DenseMatrix dense && _model.Dictionary.HoldsRows(id) && _model.Dictionary.Rows(id) is [int row])
            return dense.RowMemory(row);
        float[] vector = new float[Dimension];
        _model.WordVector(id, vector, []);
        return vector;
    }
}
