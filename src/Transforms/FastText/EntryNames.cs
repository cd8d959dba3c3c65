using System.Collections;
using System.Text;

namespace MLNet.Papers.FastText;

/// <summary>The names of some entries of a dictionary as texts, made when they are asked for.</summary>
/// <param name="dictionary">The dictionary.</param>
/// <param name="first">The id of the first entry.</param>
/// <param name="count">How many entries.</param>
internal sealed class EntryNames(FastTextDictionary dictionary, int first, int count) : IReadOnlyList<string>
{
    public int Count => count;

    public string this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
            ReadOnlySpan<byte> name = dictionary.Name(first + index);
            if (first + index >= dictionary.WordCount && name.StartsWith(FastTextDictionary.LabelPrefix))
                name = name[FastTextDictionary.LabelPrefix.Length..];
            return Encoding.UTF8.GetString(name);
        }
    }

    public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
