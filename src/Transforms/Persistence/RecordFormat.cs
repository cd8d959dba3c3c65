using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Papers.Persistence;

/// <summary>How a type of <see cref="IModelRecord"/> is saved.</summary>
internal sealed class RecordFormat
{
    private static readonly ConcurrentDictionary<Type, RecordFormat> Known = new();

    private readonly ConstructorInfo _constructor;
    private readonly RecordMember[] _values;
    private readonly RecordMember[] _others;
    private readonly PropertyInfo[] _saved;
    private readonly string _block;

    private RecordFormat(Type type)
    {
        _block = type.GetCustomAttribute<BlockAttribute>()?.Name ?? "options";
        _constructor = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;
        RecordMember[] members = [.. _constructor.GetParameters().Select(parameter => new RecordMember(parameter, _block))];
        (_values, _others) = ([.. members.Where(member => member.IsValue)], [.. members.Where(member => !member.IsValue)]);
        _saved = [.. type.GetProperties().Where(property => property.IsDefined(typeof(SavedAttribute)))];
    }

    /// <summary>The block that is there if such a record is.</summary>
    public string FirstBlock => _values.Length > 0 ? _block : _others[0].FirstBlock;

    public static RecordFormat Of(Type type) => Known.GetOrAdd(type, key => new RecordFormat(key));

    public void Write(ModelWriter writer, object record)
    {
        if (_values.Length > 0)
        {
            writer.WriteJson(_block, new JsonObject(Properties().Select(property => KeyValuePair.Create(property.Name, ToJson(property, record)))));
        }

        foreach (RecordMember value in _values)
            writer.Members.Add(value.Property.GetValue(record));
        foreach (RecordMember member in _others)
            member.Write(writer, record);
    }

    public object Read(ModelReader reader)
    {
        Dictionary<string, JsonElement> json = _values.Length > 0 ? reader.ReadJson<Dictionary<string, JsonElement>>(_block) : [];
        object?[] arguments = new object?[_values.Length + _others.Length];
        foreach (RecordMember member in (RecordMember[])[.. _values, .. _others])
        {
            object? value = member.IsValue ? member.Read(json) : member.Read(reader);
            reader.Members.Add(value);
            arguments[member.Place] = value;
        }

        if (json.Keys.Except(Properties().Select(property => property.Name)).FirstOrDefault() is { } unknown)
            throw new FormatException($"Block '{_block}' has a '{unknown}' that this version of MLNet.Papers does not know.");
        object record = Create(arguments);
        foreach (RecordMember numbers in _others.Where(member => member.IsNumbers))
            numbers.CheckShape(reader, record);
        if (((IModelRecord)record).FindFault() is { } fault)
            throw new FormatException(fault);
        foreach (PropertyInfo property in _saved)
        {
            if (!json.TryGetValue(property.Name, out JsonElement saved) || ToJson(property, record)!.ToJsonString() != saved.GetRawText())
                throw new FormatException($"Block '{_block}' does not have {property.Name} = {ToJson(property, record)}, which the other blocks say.");
        }

        return record;
    }

    private object Create(object?[] arguments)
    {
        try
        {
            return _constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"The blocks of '{FirstBlock}' do not fit each other: {exception.Message}", exception);
        }
    }

    // What stands in the block of JSON.
    private IEnumerable<PropertyInfo> Properties() => _values.Select(member => member.Property).Concat(_saved);

    private static JsonNode? ToJson(PropertyInfo property, object record) =>
        JsonSerializer.SerializeToNode(property.GetValue(record), property.PropertyType, ModelJson.Options);
}
