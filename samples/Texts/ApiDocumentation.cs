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

    /// <summary>What one says for a reference: <c>M:System.String.Join``1(System.String)</c> is Join, a constructor its type.</summary>
    private static string LastPart(string reference)
    {
        string path = reference.Split('(')[0];
        string name = path.Split('.', ':').LastOrDefault(part => part is not ("#ctor" or "#cctor"), path);
        return name.Split('`')[0];
    }
}
