using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Cactus;

/// <summary>The principal components of rows, by ML.NET's own transform.</summary>
internal static class PrincipalComponents
{
    private const int MostOversampling = 20;

    /// <summary>The projection on the first components, as one linear layer.</summary>
    /// <param name="features">The rows, one after the other.</param>
    /// <param name="inputSize">D.</param>
    /// <param name="components">How many components; at most D.</param>
    /// <param name="seed">Seed of the randomized decomposition.</param>
    /// <param name="check">Called for each row that is read; throws to stop.</param>
    public static EmbeddingSpace Fit(float[] features, int inputSize, int components, int seed, Action? check = null)
    {
        // ML.NET's components of rows far from the origin are wrong, and it centres none: it is given centred ones.
        (double[] mean, float[] centred) = Centring.Around(features, inputSize, check);
        var ml = new MLContext(seed);
        var projection = ml.Transforms.ProjectToPrincipalComponents(
            nameof(Row.Output), nameof(Row.Values), rank: components, overSampling: Math.Min(MostOversampling, inputSize - components), ensureZeroMean: false,
            seed: seed)
            .Fit(View(Rows(centred)));

        // What ML.NET fitted is affine: the images of the origin and of the unit vectors are all of it.
        IEnumerable<Row> probes = Enumerable.Range(-1, inputSize + 1).Select(axis =>
        {
            float[] values = new float[inputSize];
            if (axis >= 0)
                values[axis] = 1;
            return new Row { Values = values };
        });
        float[][] images =
        [
            .. ml.Data.CreateEnumerable<Row>(projection.Transform(View(probes)), reuseRowObject: false, ignoreMissingColumns: true).Select(row => row.Output!),
        ];
        float[] bias = images[0], weight = new float[components * inputSize];
        for (int axis = 0; axis < inputSize; axis++)
        {
            for (int component = 0; component < components; component++)
                weight[(component * inputSize) + axis] = images[axis + 1][component] - bias[component];
        }

        LayeredArchitecture architecture = new() { Input = new(inputSize, 1, 1), Layers = [new Dense(components)] };
        return new EmbeddingSpace(
            architecture, NetworkWeights.Of(architecture, new Dictionary<string, float[]> { ["layers.0.weight"] = weight, ["layers.0.bias"] = bias }), mean);

        IEnumerable<Row> Rows(float[] all) => Enumerable.Range(0, all.Length / inputSize).Select(row =>
        {
            check?.Invoke();
            return new Row { Values = all[(row * inputSize)..((row + 1) * inputSize)] };
        });

        IDataView View(IEnumerable<Row> rows)
        {
            var schema = SchemaDefinition.Create(typeof(Row), SchemaDefinition.Direction.Read);
            schema[nameof(Row.Values)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, inputSize);
            schema.Remove(schema[nameof(Row.Output)]);
            return ml.Data.LoadFromEnumerable(rows, schema);
        }
    }

    private sealed class Row
    {
        public float[] Values { get; set; } = [];

        public float[]? Output { get; set; }
    }
}
