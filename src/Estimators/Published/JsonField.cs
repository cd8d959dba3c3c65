using System.Text.Json;

namespace MLNet.Papers.Published;

/// <summary>A value of a JSON file, with its name.</summary>
internal readonly struct JsonField(string path, string name, JsonElement value)
{
    /// <summary>A member that must be there.</summary>
    /// <exception cref="FormatException">It is missing.</exception>
    public JsonField this[string member] => Find(member) ?? throw new FormatException($"'{path}' has no field {Full(member)}.");

    /// <summary>A member; null where it is missing or null.</summary>
    public JsonField? Find(string member) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out JsonElement found) && found.ValueKind != JsonValueKind.Null
            ? new JsonField(path, Full(member), found)
            : null;

    public int Integer() => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Mismatch("a whole number");

    public long Long() => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Mismatch("a whole number");

    public double Number() => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Mismatch("a number");

    public bool Boolean() => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Mismatch("true or false");

    public string Text()
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Mismatch("a text");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Mismatch("a text of whole characters");
        }
    }

    public IEnumerable<JsonField> Items()
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw Mismatch("a list");
        (string file, string field) = (path, name);
        return value.EnumerateArray().Select((item, i) => new JsonField(file, $"{field}[{i}]", item));
    }

    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Mismatch("an object");
        JsonField own = this;
        string file = path;
        return value.EnumerateObject().Select(member => (member.Name, new JsonField(file, own.Full(member.Name), member.Value)));
    }

    /// <summary>Reads a file of JSON.</summary>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="read">Makes it.</param>
    /// <exception cref="FormatException">It is not JSON.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static T Read<T>(string path, Func<JsonField, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(new JsonField(path, "", document.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException($"'{path}' is not JSON: {exception.Message}{FileGuess.Of(path, "JSON")}", exception);
        }
    }

    private string Full(string member) => name.Length == 0 ? member : $"{name}.{member}";

    private FormatException Mismatch(string requirement)
    {
        string text = value.GetRawText();
        return new($"'{path}': {(name.Length == 0 ? "it" : name)} must be {requirement}, but is {(text.Length > 100 ? text[..100] + "…" : text)}.");
    }
}
