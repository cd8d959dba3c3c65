using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Labels;

/// <summary>The classes of a classifier, in key order: the key values of its predicted label and the slot names of its score.</summary>
/// <param name="itemType">The type of the key values: text, a number or a Boolean.</param>
/// <param name="names">The values as invariant text, all different.</param>
internal sealed class ClassLabels(PrimitiveDataViewType itemType, IReadOnlyList<string> names) : IModelPart<ClassLabels>
{
    private const string KeyValues = "KeyValues";
    private const string SlotNames = "SlotNames";
    private const string TrainingLabelValues = "TrainingLabelValues";

    private static readonly PrimitiveDataViewType[] ItemTypes =
    [
        TextDataViewType.Instance, BooleanDataViewType.Instance,
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64,
        NumberDataViewType.Single, NumberDataViewType.Double,
    ];

    private readonly Lazy<Dictionary<string, int>> _places =
        new(() => names.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index));

    public PrimitiveDataViewType ItemType { get; } = itemType;

    public IReadOnlyList<string> Names { get; } = names;

    public int Count => Names.Count;

    /// <summary>Whether values of this type can name classes.</summary>
    public static bool Supports(DataViewType type) => ItemTypes.Contains(type);

    /// <summary>The classes of a column of keys or vectors of keys. Where it has no key values, its keys themselves, from 1, are the names.</summary>
    public static ClassLabels Of(DataViewSchema.Column column)
    {
        DataViewType type = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        int count = checked((int)((KeyDataViewType)type).Count);
        return TypeOfKeyValues(column) is { } itemType
            ? new ClassLabels(itemType, Dispatch(itemType, new NameReader(column.Annotations, KeyValues)))
            : new ClassLabels(TextDataViewType.Instance, [.. Enumerable.Range(1, count).Select(key => key.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>The type of the values that a column's keys stand for; null where it has none that can name classes.</summary>
    public static PrimitiveDataViewType? TypeOfKeyValues(DataViewSchema.Column column) =>
        column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type is VectorDataViewType { ItemType: PrimitiveDataViewType itemType } && Supports(itemType)
            ? itemType
            : null;

    /// <summary>Classes that stand for those of a promised column of labels, of which the type of the values is known alone.</summary>
    public static ClassLabels PromisedBy(SchemaShape.Column label)
    {
        DataViewType named = !label.IsKey ? label.ItemType
            : SchemaShapes.Find(label.Annotations, KeyValues) is { } values && Supports(values.ItemType) ? values.ItemType
            : TextDataViewType.Instance;
        return new ClassLabels((PrimitiveDataViewType)named, [named is BooleanDataViewType ? bool.FalseString : "0"]);
    }

    /// <summary>The classes that the scores of a classifier belong to, from what ML.NET says beside them; null if it does not name them.</summary>
    /// <param name="score">A column of vectors of known length, one score a class.</param>
    public static ClassLabels? OfScores(DataViewSchema.Column score)
    {
        int count = ((VectorDataViewType)score.Type).Size;
        foreach (string kind in (string[])[TrainingLabelValues, SlotNames])
        {
            if (score.Annotations.Schema.GetColumnOrNull(kind)?.Type is VectorDataViewType { ItemType: PrimitiveDataViewType itemType } values
                && values.Size == count && Supports(itemType))
            {
                return new ClassLabels(itemType, Dispatch(itemType, new NameReader(score.Annotations, kind)));
            }
        }

        return null;
    }

    /// <summary>The same classes and one more at the end.</summary>
    /// <exception cref="ArgumentException">The name is taken or not a value of <see cref="ItemType"/>.</exception>
    public ClassLabels With(string name)
    {
        name = Spell(name);
        return Names.Contains(name)
            ? throw new ArgumentException($"The class '{name}' exists already.", nameof(name))
            : new ClassLabels(ItemType, [.. Names, name]);
    }

    /// <summary>A name as this object spells it: 1 for the number 1.0.</summary>
    /// <exception cref="ArgumentException">The name is not a value of <see cref="ItemType"/>.</exception>
    public string Spell(string name)
    {
        try
        {
            return Dispatch(ItemType, new Speller(name));
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new ArgumentException($"The classes of this model are values of {ItemType}; '{name}' is none.", nameof(name), exception);
        }
    }

    /// <summary>The same classes without one.</summary>
    public ClassLabels Without(int index) => new(ItemType, [.. Names.Where((_, i) => i != index)]);

    /// <summary>Where a class stands, from 0.</summary>
    /// <exception cref="ArgumentException">There is no such class.</exception>
    public int IndexOf(string name)
    {
        int index = Find(name);
        return index >= 0 ? index : throw new ArgumentException(
            $"There is no class '{name}'; the classes are {string.Join(", ", Names.Take(20).Select(known => $"'{known}'"))}{(Count > 20 ? ", …" : "")}.",
            nameof(name));
    }

    /// <summary>Where a class stands, from 0; -1 if there is none of this name.</summary>
    public int Find(string name) => _places.Value.GetValueOrDefault(name, -1);

    /// <summary>Adds the classes as the key values of a predicted label.</summary>
    public void AddKeyValues(DataViewSchema.Annotations.Builder builder) => Dispatch(ItemType, new AnnotationAdder(builder, Names));

    /// <summary>Adds the classes as the slot names of a score.</summary>
    public void AddSlotNames(DataViewSchema.Annotations.Builder builder)
    {
        VBuffer<ReadOnlyMemory<char>> slots = new(Count, [.. Names.Select(name => name.AsMemory())]);
        builder.Add(SlotNames, new VectorDataViewType(TextDataViewType.Instance, Count), (ref VBuffer<ReadOnlyMemory<char>> value) => slots.CopyTo(ref value));
    }

    public void Write(ModelWriter writer, string block) => writer.WriteJson(block, new Saved(ItemType.ToString()!, [.. Names]));

    /// <exception cref="FormatException">The block is missing or does not hold classes.</exception>
    public static ClassLabels Read(ModelReader reader, string block)
    {
        Saved saved = reader.ReadJson<Saved>(block);
        PrimitiveDataViewType itemType = ItemTypes.FirstOrDefault(type => type.ToString() == saved.Type)
            ?? throw new FormatException($"Block '{block}' names the type '{saved.Type}'.");
        if (saved.Names.Length == 0 || saved.Names.Any(name => name is null) || saved.Names.Distinct().Count() != saved.Names.Length)
            throw new FormatException($"Block '{block}' has no classes or one of them twice.");
        try
        {
            Dispatch(itemType, new AnnotationAdder(new DataViewSchema.Annotations.Builder(), saved.Names));
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new FormatException($"Block '{block}' has a class that is not a value of {itemType}.", exception);
        }

        return new ClassLabels(itemType, saved.Names);
    }

    /// <summary>What is wrong with saved classes, of which there must be as many as a network has outputs; or null.</summary>
    public string? FindFault(INetworkArchitecture architecture) =>
        Count == architecture.OutputSize ? null : $"Block 'labels' has {Count} classes, but the network gives {architecture.OutputSize}.";

    /// <summary>Runs an operation with the type of the values.</summary>
    public static TResult Dispatch<TResult>(PrimitiveDataViewType itemType, ITypedOperation<TResult> operation)
    {
        return itemType switch
        {
            TextDataViewType => operation.Run(text => text.AsMemory(), value => value.ToString()),
            BooleanDataViewType => operation.Run(bool.Parse, value => value.ToString()),
            _ when itemType.RawType == typeof(sbyte) => Run<sbyte>(),
            _ when itemType.RawType == typeof(byte) => Run<byte>(),
            _ when itemType.RawType == typeof(short) => Run<short>(),
            _ when itemType.RawType == typeof(ushort) => Run<ushort>(),
            _ when itemType.RawType == typeof(int) => Run<int>(),
            _ when itemType.RawType == typeof(uint) => Run<uint>(),
            _ when itemType.RawType == typeof(long) => Run<long>(),
            _ when itemType.RawType == typeof(ulong) => Run<ulong>(),
            _ when itemType.RawType == typeof(float) => Run<float>(),
            _ when itemType.RawType == typeof(double) => Run<double>(),
            _ => throw new ArgumentOutOfRangeException(nameof(itemType)),
        };

        TResult Run<T>()
            where T : IParsable<T>, IFormattable =>
            operation.Run(text => T.Parse(text, CultureInfo.InvariantCulture), value => value.ToString(null, CultureInfo.InvariantCulture));
    }

    /// <summary>Something to do with values of any type that can name classes.</summary>
    internal interface ITypedOperation<TResult>
    {
        TResult Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull;
    }

    private sealed class NameReader(DataViewSchema.Annotations annotations, string kind) : ITypedOperation<string[]>
    {
        public string[] Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull
        {
            VBuffer<T> values = default;
            annotations.GetValue(kind, ref values);
            return [.. values.DenseValues().Select(format)];
        }
    }

    private sealed class Speller(string name) : ITypedOperation<string>
    {
        public string Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull => format(parse(name));
    }

    private sealed class AnnotationAdder(DataViewSchema.Annotations.Builder builder, IReadOnlyList<string> names) : ITypedOperation<bool>
    {
        public bool Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull
        {
            VBuffer<T> values = new(names.Count, [.. names.Select(parse)]);
            PrimitiveDataViewType itemType = ItemTypes.Single(type => type.RawType == typeof(T));
            builder.Add(KeyValues, new VectorDataViewType(itemType, names.Count), (ref VBuffer<T> value) => values.CopyTo(ref value));
            return true;
        }
    }

    private sealed record Saved(string Type, string[] Names);
}
