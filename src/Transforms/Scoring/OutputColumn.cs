using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>A column that a transformer adds.</summary>
/// <param name="Name">Its name; a column of the input with this name is hidden by it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotations">Its annotations, such as slot names and key values.</param>
internal sealed record OutputColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations = null)
{
    private const string SlotNames = "SlotNames";

    /// <summary>A column of vectors of Single.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Their length; any will do where an estimator promises the column and does not know it.</param>
    public static OutputColumn Vector(string name, int length = 1) => new(name, new VectorDataViewType(NumberDataViewType.Single, length));

    /// <summary>A column of vectors that were learned, as a whole: the slots are called by their numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Their length; any will do where an estimator promises the column and does not know it.</param>
    public static OutputColumn Embedding(string name, int length = 1) =>
        Vector(name, length, slot => string.Create(CultureInfo.InvariantCulture, $"dimension {slot}"));

    /// <summary>A column of vectors whose slots have names, by which ML.NET's explanations call them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Their length.</param>
    /// <param name="slotName">The name of a slot; called when the names are asked for.</param>
    public static OutputColumn Vector(string name, int length, Func<int, string> slotName)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(SlotNames, new VectorDataViewType(TextDataViewType.Instance, length), (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            VBufferEditor<ReadOnlyMemory<char>> names = VBufferEditor.Create(ref value, length);
            for (int slot = 0; slot < length; slot++)
                names.Values[slot] = slotName(slot).AsMemory();
            value = names.Commit();
        });
        return new(name, new VectorDataViewType(NumberDataViewType.Single, length), annotations.ToAnnotations());
    }
}
