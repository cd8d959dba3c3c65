using MLNet.Papers.Samples.Texts;
using static System.FormattableString;

namespace MLNet.Papers.Samples.Bert;

/// <summary>A text and its class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Text">The text.</param>
internal sealed record Ticket(string Label, string Text);

/// <summary>Texts with classes, apart into those that training may draw from and those to test with. No text is in both.</summary>
/// <param name="Training">For each class its texts, in random order.</param>
/// <param name="Test">The others.</param>
internal sealed record TicketData(IReadOnlyDictionary<string, Ticket[]> Training, IReadOnlyList<Ticket> Test)
{
    private const int ShortestSummary = 20;

    private static readonly Dictionary<char, string> Kinds = new() { ['M'] = "method", ['P'] = "property", ['T'] = "type", ['F'] = "field" };

    private static readonly (string Namespace, string Topic)[] Namespaces =
    [
        ("System.Collections.", "collections"), ("System.Globalization.", "cultures"), ("System.IO.", "files"), ("System.Net.", "networks"),
        ("System.Security.Cryptography.", "cryptography"),
    ];

    /// <summary>Summaries of the documentation of .NET, each with what its namespace is about; a summary of several topics is left out.</summary>
    /// <exception cref="InputException">There is no documentation.</exception>
    public static IReadOnlyList<Ticket> Topics() => Summaries(
        member => Namespaces.FirstOrDefault(own => member.AsSpan(2).StartsWith(own.Namespace, StringComparison.Ordinal)).Topic);

    /// <summary>Summaries of the documentation of .NET, each with the kind of the member that it describes; a summary of several kinds is left out.</summary>
    /// <exception cref="InputException">There is no documentation.</exception>
    public static IReadOnlyList<Ticket> KindsOfMembers() => Summaries(member => Kinds.GetValueOrDefault(member[0]));

    private static Ticket[] Summaries(Func<string, string?> labelOf) =>
        [
            .. ApiDocumentation.Summaries(DotnetInstallation.DocumentationFiles())
                .Where(member => member.Summary.Length >= ShortestSummary)
                .Select(member => new Ticket(labelOf(member.Member) ?? "", member.Summary))
                .GroupBy(ticket => ticket.Text).Where(alike => alike.Select(ticket => ticket.Label).Distinct().Count() == 1)
                .Select(alike => alike.First()).Where(ticket => ticket.Label.Length > 0),
        ];

    /// <summary>The lines of a file, each a class, a tab and a text.</summary>
    /// <exception cref="InputException">There is no such file, or a line is otherwise.</exception>
    public static IReadOnlyList<Ticket> Lines(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"'{path}' does not exist or is no file.");
        var tickets = new List<Ticket>();
        int number = 0;
        foreach (string line in PlainText.Lines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            string[] parts = line.Split('\t', 2);
            if (parts.Length < 2 || parts.Any(string.IsNullOrWhiteSpace))
                throw new InputException(Invariant($"'{path}', line {number}: a line is a class, a tab and a text, but it is '{line}'."));
            tickets.Add(new Ticket(parts[0].Trim(), parts[1].Trim()));
        }

        return [.. tickets.DistinctBy(ticket => ticket.Text)];
    }

    /// <summary>Draws texts to train on and to test with.</summary>
    /// <param name="tickets">All texts, each once.</param>
    /// <param name="most">Texts of each class to train on.</param>
    /// <param name="test">Texts of each class to test with at most.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <exception cref="InputException">There are too few texts or classes.</exception>
    public static TicketData Draw(IReadOnlyList<Ticket> tickets, int most, int test, int seed)
    {
        var random = new Random(seed);
        var training = new Dictionary<string, Ticket[]>();
        var held = new List<Ticket>();
        foreach (IGrouping<string, Ticket> own in tickets.GroupBy(ticket => ticket.Label).OrderBy(own => own.Key, StringComparer.Ordinal))
        {
            Ticket[] texts = [.. own];
            if (texts.Length < most + 10)
            {
                throw new InputException(
                    Invariant($"The class '{own.Key}' has {texts.Length} different texts; it needs {most} to train on and 10 to test with."));
            }

            random.Shuffle(texts);
            held.AddRange(texts.Skip(most).Take(test));
            training.Add(own.Key, texts[..most]);
        }

        return training.Count >= 2
            ? new TicketData(training, held)
            : throw new InputException(Invariant($"The texts have {training.Count} classes; there must be at least 2."));
    }

    /// <summary>The texts to train on where each class has so many.</summary>
    public Ticket[] First(int labels) => [.. Training.Values.SelectMany(texts => texts.Take(labels))];
}
