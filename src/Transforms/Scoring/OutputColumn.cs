using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>A column that a transformer adds.</summary>
/// <param name="Name">Its name; a column of the input with this name is hidden by it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotations">Its annotations, such as slot names and key values.</param>
internal sealed record OutputColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations = null)
{
    /// <summary>A column of vectors of Single.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Their length; any will do where an estimator promises the column and does not know it.</param>
    public static OutputColumn Vector(string name, int length = 1) => new(name, new VectorDataViewType(NumberDataViewType.Single, length));
}
