using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Samples.Characters;

/// <summary>A row of a data view of images: what a pipeline sees.</summary>
internal sealed class LabelledImage
{
    /// <summary>The name of the character.</summary>
    public string Label { get; set; } = "";

    /// <summary>The grey values, row by row.</summary>
    [VectorType(CharacterImage.Side * CharacterImage.Side)]
    public float[] Pixels { get; set; } = [];

    /// <summary>A view of images in memory.</summary>
    public static IDataView View(MLContext ml, IEnumerable<CharacterImage> images) =>
        ml.Data.LoadFromEnumerable(images.Select(image => new LabelledImage { Label = image.Character, Pixels = image.Pixels }).ToArray());
}
