using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>Images in memory with the classes as keys, and what models say of them.</summary>
internal sealed class KeyedImages
{
    private readonly int[] _classes;

    private KeyedImages(IDataView view, int[] classes) => (View, _classes) = (view, classes);

    /// <summary>The rows: Label (key) and Pixels.</summary>
    public IDataView View { get; }

    /// <summary>How many rows there are.</summary>
    public int Count => _classes.Length;

    /// <summary>Rows of images.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="classes">The names of all classes, in key order.</param>
    /// <param name="images">The images.</param>
    /// <param name="labels">For each image its class, from 0, or -1 for none; null for its own.</param>
    public static KeyedImages Of(MLContext ml, string[] classes, IReadOnlyList<CharacterImage> images, IReadOnlyList<int>? labels = null)
    {
        int[] known = [.. labels ?? images.Select(image => Array.IndexOf(classes, image.Character))];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), classes.Length);
        schema[nameof(Row.Label)].AddAnnotation(
            "KeyValues", new VBuffer<ReadOnlyMemory<char>>(classes.Length, [.. classes.Select(name => name.AsMemory())]),
                new VectorDataViewType(TextDataViewType.Instance, classes.Length));
        return new KeyedImages(ml.Data.LoadFromEnumerable(images.Select((image, i) => new Row { Label = (uint)known[i], Pixels = image.Pixels }).ToArray(),
            schema), known);
    }

    /// <summary>What a classifier gives each row.</summary>
    public float[][] Scores(ITransformer model) => [.. model.Transform(View).GetColumn<float[]>("Score")];

    /// <summary>The part of the rows, in %, whose class has the greatest score; of several models the mean of the scores counts.</summary>
    public double Percent(params IReadOnlyList<float[][]> scores)
    {
        int right = 0;
        for (int row = 0; row < Count; row++)
        {
            float[] sum = new float[scores[0][row].Length];
            foreach (float[][] of in scores)
                TensorPrimitives.Add(sum, of[row], sum);
            if (TensorPrimitives.IndexOfMax<float>(sum) == _classes[row])
                right++;
        }

        return 100.0 * right / Count;
    }

    private sealed class Row
    {
        // In memory the numbers of a key begin at 0, and what is too great is missing.
        public uint Label { get; set; }

        [VectorType(CharacterImage.Side * CharacterImage.Side)]
        public float[] Pixels { get; set; } = [];
    }
}
