using System.Collections;
using System.Text;

namespace MLNet.Papers.FastText;

/// <summary>The names of a dictionary's words, those that a text can name, or of its labels, as texts; made when they are asked for.</summary>
/// <param name="dictionary">The dictionary.</param>
/// <param name="ofLabels">Whether they are those of its labels.</param>
internal sealed class EntryNames(FastTextDictionary dictionary, bool ofLabels) : IReadOnlyList<string>
{
    public int Count => ofLabels ? dictionary.LabelCount : dictionary.NamedCount;

    public string this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            if (!ofLabels)
                return dictionary.NameText(dictionary.NamedId(index));
            ReadOnlySpan<byte> name = dictionary.Name(dictionary.WordCount + index);
            return Encoding.UTF8.GetString(name.StartsWith(FastTextDictionary.LabelPrefix) ? name[FastTextDictionary.LabelPrefix.Length..] : name);
        }
    }

    public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
