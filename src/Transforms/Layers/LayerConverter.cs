using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNet.Papers.Layers;

/// <summary>The number of a kind of layer in saved models, which never changes.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class LayerKindAttribute(int number) : Attribute
{
    public int Number => number;
}

/// <summary>Saves a layer as its kind's number and its members.</summary>
internal sealed class LayerConverter : JsonConverter<Layer>
{
    // Every layer of models that were saved when all kinds were one type has all of these.
    private static readonly string[] Former = ["Channels", "KernelSize", "Stride", "Coordinates", "WithRadius", "Normalization", "Groups", "Height", "Width"];

    private static readonly Dictionary<int, Type> Kinds = typeof(Layer).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract).ToDictionary(NumberOf);

    public static int NumberOf(Type kind) => kind.GetCustomAttribute<LayerKindAttribute>()!.Number;

    public override Layer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonObject saved = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("A layer must be an object.");
        if (saved[nameof(Layer.Kind)] is not JsonValue number || !number.TryGetValue(out int kind) || !Kinds.TryGetValue(kind, out Type? type))
            throw new JsonException($"There is no layer of kind {saved[nameof(Layer.Kind)]}.");
        foreach (string member in Former.Except(options.GetTypeInfo(type).Properties.Select(property => property.Name)))
            saved.Remove(member);
        return (Layer)saved.Deserialize(type, options)!;
    }

    public override void Write(Utf8JsonWriter writer, Layer value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, value.GetType(), options);
}
