using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>A column that a transformer adds.</summary>
/// <param name="Name">Its name; a column of the input with this name is hidden by it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotations">Its annotations, such as slot names and key values.</param>
internal sealed record OutputColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations = null);
