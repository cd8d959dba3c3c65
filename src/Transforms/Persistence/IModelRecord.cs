namespace MLNet.Papers.Persistence;

/// <summary>A record that is saved by its members: the state of a transformer, or a part of it that has members itself.</summary>
/// <remarks>
/// The members are the parameters of its constructor; the property of the same name gives the value. An array of numbers is a block. An
/// <see cref="IModelPart{TSelf}"/> and another <see cref="IModelRecord"/> have blocks of their own. Everything else stands in one block of JSON,
/// "options" unless a <see cref="BlockAttribute"/> on the record names another. A member that may be null and has blocks of its own has none where it
/// is null. A member of the JSON with a default value may be missing: models that were saved before it existed stay readable. What is wrong with a
/// member alone is found before the next is read.
/// </remarks>
internal interface IModelRecord
{
    /// <summary>What is wrong with the members together, a sentence that names the block; null if nothing is.</summary>
    string? FindFault() => null;
}

/// <summary>A member that writes and reads its blocks itself.</summary>
internal interface IModelPart
{
    /// <summary>Writes the blocks.</summary>
    /// <param name="writer">Where to write to; it knows the members that were written before.</param>
    /// <param name="block">The block's name, or what the names of the blocks begin with.</param>
    void Write(ModelWriter writer, string block);
}

/// <inheritdoc/>
/// <typeparam name="TSelf">The type of the member.</typeparam>
internal interface IModelPart<TSelf> : IModelPart
    where TSelf : IModelPart<TSelf>
{
    /// <summary>Reads what <see cref="IModelPart.Write"/> wrote.</summary>
    /// <param name="reader">Where to read from; it knows the members that were read before.</param>
    /// <param name="block">As it was written.</param>
    /// <exception cref="FormatException">The blocks are missing or do not hold such a part.</exception>
    static abstract TSelf Read(ModelReader reader, string block);
}

/// <summary>On a member: it has a block of its own. On a record: the name of its block of JSON.</summary>
/// <param name="name">The block's name; null for the member's name with a small letter, as members that have blocks anyway have without this.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Parameter)]
internal sealed class BlockAttribute(string? name = null) : Attribute
{
    public string? Name { get; } = name;
}

/// <summary>The dimensions of a block of numbers; without this it has one, of any length.</summary>
/// <param name="properties">For each dimension the property of the record that gives it.</param>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class DimensionsAttribute(params string[] properties) : Attribute
{
    public string[] Properties { get; } = properties;
}

/// <summary>On a property that follows from the members: it is saved in the block of JSON too, and a file that says otherwise is refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SavedAttribute : Attribute;
