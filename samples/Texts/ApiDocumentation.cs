using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MLNet.Papers.Samples.Texts;

/// <summary>The sentences of XML documentation files.</summary>
internal static class ApiDocumentation
{
    private static readonly string[] Naming = ["cref", "name", "langword", "href"];

    /// <summary>The text of each element below a member, in small letters with punctuation apart: one line an element.</summary>
    /// <param name="files">The .xml files; one is held at a time.</param>
    /// <exception cref="InputException">A file is not XML.</exception>
    public static IEnumerable<string> Lines(IEnumerable<string> files) => files.SelectMany(file => Load(file).Descendants("member").Elements())
        .Select(element => PlainText.Normalize(TextOf(element)))
        .Where(line => line.Length > 0);

    /// <summary>The same of one file, each word with what it is marked up as: text, code, keyword, parameter, type or member.</summary>
    /// <exception cref="InputException">The file is not XML.</exception>
    public static IEnumerable<TaggedWord[]> MarkedLines(string file) => Load(file).Descendants("member").Elements().Select(MarkedWords);

    /// <summary>The summaries of members as they are written, on one line each, with the members' names: <c>P:System.String.Length</c>.</summary>
    /// <param name="files">The .xml files; one is held at a time.</param>
    /// <exception cref="InputException">A file is not XML.</exception>
    public static IEnumerable<(string Member, string Summary)> Summaries(IEnumerable<string> files) =>
        from file in files
        from member in Load(file).Descendants("member")
        let name = member.Attribute("name")?.Value
        let summary = member.Element("summary")
        where name is not null && summary is not null
        select (name, string.Join(' ', TextOf(summary).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));

    private static XDocument Load(string file)
    {
        try
        {
            return XDocument.Load(file, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException exception)
        {
            throw new InputException($"'{file}' is not XML: {exception.Message}", exception);
        }
    }

    private static string TextOf(XElement element)
    {
        var text = new StringBuilder();
        Append(element);
        return text.ToString();

        void Append(XElement parent)
        {
            foreach (XNode node in parent.Nodes())
            {
                if (node is XText words)
                    text.Append(words.Value);
                else if (node is XElement { IsEmpty: false } child && child.Nodes().Any())
                    Append(child);
                else if (node is XElement empty && Naming.Select(name => empty.Attribute(name)?.Value).FirstOrDefault(value => value is not null) is { } named)
                    text.Append(' ').Append(LastPart(named)).Append(' ');
            }
        }
    }

    private static TaggedWord[] MarkedWords(XElement element)
    {
        var words = new List<TaggedWord>();
        Append(element, "text");
        return [.. words];

        void Append(XElement parent, string kind)
        {
            foreach (XNode node in parent.Nodes())
            {
                if (node is XText text)
                    Add(text.Value, kind);
                else if (node is XElement { IsEmpty: false } child && child.Nodes().Any())
                    Append(child, KindOf(child, kind));
                else if (node is XElement empty && Naming.Select(name => empty.Attribute(name)?.Value).FirstOrDefault(value => value is not null) is { } named)
                    Add(LastPart(named), KindOf(empty, kind));
            }
        }

        void Add(string text, string kind)
        {
            foreach (string word in PlainText.Normalize(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                words.Add(new(word, kind));
        }
    }

    private static string KindOf(XElement element, string kind) => element.Name.LocalName switch
    {
        "c" or "code" => "code",
        "paramref" or "typeparamref" => "parameter",
        _ when element.Attribute("langword") is not null => "keyword",
        _ when element.Attribute("cref") is { } reference => reference.Value.StartsWith("T:", StringComparison.Ordinal) ? "type" : "member",
        _ => kind,
    };

    /// <summary>What one says for a reference: <c>M:System.String.Join``1(System.String)</c> is Join, a constructor its type.</summary>
    private static string LastPart(string reference)
    {
        string path = reference.Split('(')[0];
        string name = path.Split('.', ':').LastOrDefault(part => part is not ("#ctor" or "#cctor"), path);
        return name.Split('`')[0];
    }
}
