using System.Text;
using MLNet.Papers.Labels;

namespace MLNet.Papers.FastText;

/// <summary>The labels of a model, the most frequent first, and which of them belongs to which class.</summary>
/// <param name="Entries">The labels as entries of the dictionary.</param>
/// <param name="Ids">For each class the id of its label, from 0; -1 if no row has it.</param>
internal sealed record LabelEntries(IReadOnlyList<DictionaryEntry> Entries, int[] Ids)
{
    /// <param name="labels">The classes.</param>
    /// <param name="counts">How many rows each has.</param>
    /// <param name="columnName">The label column, for messages.</param>
    /// <exception cref="InvalidOperationException">A class has a name that a model file cannot hold.</exception>
    public static LabelEntries Of(ClassLabels labels, long[] counts, string columnName)
    {
        if (labels.Names.FirstOrDefault(name => name.Contains('\0')) is { } name)
        {
            throw new InvalidOperationException(
                $"Column '{columnName}' has a class with the character NUL in its name, '{name.Replace('\0', '␀')}', which ends a name in a model file. " +
                "Rename the class.");
        }

        int[] order = [.. Enumerable.Range(0, counts.Length).Where(index => counts[index] > 0).OrderByDescending(index => counts[index])];
        int[] ids = new int[counts.Length];
        Array.Fill(ids, -1);
        for (int id = 0; id < order.Length; id++)
            ids[order[id]] = id;
        HashSet<string> names = [.. labels.Names];
        return new LabelEntries([.. order.Select(index => new DictionaryEntry(NameOf(labels.Names[index]), counts[index], IsLabel: true))], ids);

        byte[] NameOf(string name) =>
            HasPrefix(name) && !names.Contains(name[FastTextDictionary.LabelPrefix.Length..]) ? Encoding.UTF8.GetBytes(name) : WithPrefix(name);
    }

    /// <summary>The id of a class's label in a model, from 0; -1 if it has none. A class may carry the prefix itself.</summary>
    public static int IdOf(FastTextDictionary dictionary, string name)
    {
        int entry = dictionary.Find(WithPrefix(name));
        if (entry < 0 && HasPrefix(name))
            entry = dictionary.Find(Encoding.UTF8.GetBytes(name));
        return entry < dictionary.WordCount ? -1 : entry - dictionary.WordCount;
    }

    private static bool HasPrefix(string name) => Encoding.UTF8.GetBytes(name).AsSpan().StartsWith(FastTextDictionary.LabelPrefix);

    private static byte[] WithPrefix(string name) => [.. FastTextDictionary.LabelPrefix, .. Encoding.UTF8.GetBytes(name)];
}
