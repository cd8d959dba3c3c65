using System.Reflection;
using System.Text.Json;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Persistence;

/// <summary>How a member of a <see cref="IModelRecord"/> is saved.</summary>
internal sealed class RecordMember
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly ParameterInfo _parameter;
    private readonly string[]? _dimensions;
    private readonly bool _isNullable;
    private readonly RecordFormat? _record;
    private readonly MethodInfo? _readPart;

    /// <param name="parameter">The parameter of the record's constructor.</param>
    /// <param name="values">The record's block of JSON.</param>
    public RecordMember(ParameterInfo parameter, string values)
    {
        _parameter = parameter;
        Property = parameter.Member.DeclaringType!.GetProperty(parameter.Name!, All | BindingFlags.IgnoreCase)!;
        _isNullable = new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.Nullable;
        _dimensions = parameter.GetCustomAttribute<DimensionsAttribute>()?.Properties;
        if (Type.GetInterfaces().Any(candidate =>
            candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IModelPart<>) && candidate.GenericTypeArguments[0] == Type))
        {
            _readPart = typeof(RecordMember).GetMethod(nameof(ReadPart), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(Type);
        }
        else if (Type.IsAssignableTo(typeof(IModelRecord)))
        {
            _record = RecordFormat.Of(Type);
        }

        IsNumbers = Type.IsArray && Type.GetElementType()!.IsPrimitive;
        IsValue = _readPart is null && _record is null && !IsNumbers && !parameter.IsDefined(typeof(BlockAttribute));
        Block = IsValue ? values : parameter.GetCustomAttribute<BlockAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(Property.Name);
    }

    public PropertyInfo Property { get; }

    /// <summary>Its place among the members.</summary>
    public int Place => _parameter.Position;

    /// <summary>Whether it stands in the record's block of JSON.</summary>
    public bool IsValue { get; }

    /// <summary>Whether it is a block of numbers.</summary>
    public bool IsNumbers { get; }

    /// <summary>The name of its block, or what the names of its blocks begin with.</summary>
    public string Block { get; }

    /// <summary>The block that is there if the member is.</summary>
    public string FirstBlock => _record?.FirstBlock ?? Block;

    private Type Type => _parameter.ParameterType;

    /// <summary>Writes the blocks of a member that has its own.</summary>
    public void Write(ModelWriter writer, object record)
    {
        object? value = Property.GetValue(record);
        if (value is IModelPart part)
            part.Write(writer, Block);
        else if (_record is not null && value is not null)
            _record.Write(writer, value);
        else if (IsNumbers && value is Array numbers)
            writer.Write(Block, numbers, Shape(record));
        else if (value is not null)
            writer.WriteJson(Block, value);
        writer.Members.Add(value);
    }

    /// <summary>Reads the blocks of a member that has its own; null if there are none and it may be null.</summary>
    public object? Read(ModelReader reader)
    {
        object? value = null;
        if (!_isNullable || reader.Has(FirstBlock))
        {
            value = _readPart?.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [reader, Block], null) ?? _record?.Read(reader)
                ?? (IsNumbers ? reader.Read(Block, Type.GetElementType()!, AnyShape()) : reader.ReadJson(Block, Type));
        }

        return Checked(value);
    }

    /// <summary>Reads a member that stands in the record's JSON.</summary>
    public object? Read(Dictionary<string, JsonElement> values) => values.TryGetValue(Property.Name, out JsonElement value)
        ? Checked(ModelJson.Read(Block, () => value.Deserialize(Type, ModelJson.Options)))
        : _parameter.HasDefaultValue ? _parameter.DefaultValue : throw new FormatException($"Block '{Block}' has no {Property.Name}.");

    /// <summary>Checks the shape of a block of numbers against what its record says.</summary>
    /// <exception cref="FormatException">It has another shape.</exception>
    public void CheckShape(ModelReader reader, object record)
    {
        if (Property.GetValue(record) is not null)
            reader.Read(Block, Type.GetElementType()!, Shape(record));
    }

    private static object ReadPart<TPart>(ModelReader reader, string block)
        where TPart : IModelPart<TPart> => TPart.Read(reader, block);

    // What can be wrong with a value by itself.
    private object? Checked(object? value) => value switch
    {
        null when !_isNullable => throw new FormatException($"Block '{Block}' has no {Property.Name}."),
        Enum when !Enum.IsDefined(value.GetType(), value) =>
            throw new FormatException($"Block '{Block}' names the {JsonNamingPolicy.CamelCase.ConvertName(Property.Name)} {value}."),
        INetworkArchitecture architecture when architecture.FindFault() is { } fault =>
            throw new FormatException($"Block '{Block}' describes no network: {fault}."),
        _ => value,
    };

    private long[] AnyShape() => [.. Enumerable.Repeat(-1L, _dimensions?.Length ?? 1)];

    private long[] Shape(object record) => _dimensions is null
        ? [((Array)Property.GetValue(record)!).Length]
        : Array.ConvertAll(_dimensions, name => (long)(int)record.GetType().GetProperty(name, All)!.GetValue(record)!);
}
