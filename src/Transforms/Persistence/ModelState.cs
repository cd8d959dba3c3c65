namespace MLNet.Papers.Persistence;

/// <summary>Writes and reads all that a transformer is made of.</summary>
internal static class ModelState
{
    /// <summary>Writes a state as blocks.</summary>
    public static void Write(Stream stream, IModelRecord state)
    {
        var writer = new ModelWriter(stream);
        WriteMembers(writer, state);
        writer.End();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">A seekable stream, at the model's first byte; the model must fill the rest of it.</param>
    /// <param name="type">The type of the state.</param>
    /// <exception cref="FormatException">The bytes are damaged or hold no such state.</exception>
    public static object Read(Stream stream, Type type)
    {
        var reader = new ModelReader(stream, isFollowed: true);
        object state = RecordFormat.Of(type).Read(reader);
        reader.End();
        return state;
    }

    /// <summary>Writes the blocks of a record.</summary>
    public static void WriteMembers(ModelWriter writer, IModelRecord record) => RecordFormat.Of(record.GetType()).Write(writer, record);

    /// <summary>Reads the blocks of a record.</summary>
    /// <exception cref="FormatException">They are missing or hold no such record.</exception>
    public static TRecord ReadMembers<TRecord>(ModelReader reader)
        where TRecord : IModelRecord => (TRecord)RecordFormat.Of(typeof(TRecord)).Read(reader);
}

/// <summary>The members that were written or read so far: some can only be read if others are known, as weights if the network is.</summary>
internal sealed class ModelMembers
{
    private readonly List<object> _members = [];

    public void Add(object? member)
    {
        if (member is not null)
            _members.Add(member);
    }

    /// <summary>The last member of a type.</summary>
    public T Latest<T>() => _members.OfType<T>().Last();
}
