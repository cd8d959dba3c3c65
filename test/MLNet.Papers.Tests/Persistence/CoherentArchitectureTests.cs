using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>Files with right checksums and layers drawn at random: each is refused when it is read, or scores within bounded memory.</summary>
[TestClass]
public sealed class CoherentArchitectureTests
{
    private const int Files = 400;

    /// <summary>With what a row may need, and room for what scoring takes besides.</summary>
    private const long MostBytes = 2L << 30;

    [TestMethod]
    public void Random_layers_are_refused_or_score()
    {
        var random = new Random(1);
        int scored = 0, refused = 0;
        List<string> faults = [];
        for (int i = 0; i < Files; i++)
        {
            LayeredArchitecture architecture = Draw(random);
            string what = $"file {i}: {architecture.Input} → {string.Join(", ", architecture.Layers.Select(Describe))}";
            if (Forge(architecture) is not { } file)
                continue;
            try
            {
                long before = GC.GetTotalAllocatedBytes();
                using CoordinateRegressionTransformer model = Read(file);
                float[] row = [.. Enumerable.Range(0, architecture.Input.Size).Select(_ => (float)random.NextDouble())];
                Table.Read(model.Transform(new MemoryView([MemoryColumn.Vectors("Image", [row, row, row])])));
                scored++;
                long allocated = GC.GetTotalAllocatedBytes() - before;
                if (allocated > MostBytes)
                    faults.Add($"{what}: allocated {allocated >> 20} MiB");
            }
            catch (FormatException error) when (error.Message.Contains("describes no network", StringComparison.Ordinal))
            {
                refused++;
            }
            catch (Exception error)
            {
                faults.Add($"{what}: {error.GetType().Name}: {error.Message.Split('\n')[0]}");
            }
        }

        Assert.IsEmpty(faults, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(20))}");
        Assert.IsGreaterThan(Files / 8, scored, "Too few networks are possible.");
        Assert.IsGreaterThan(Files / 8, refused, "Too few networks are impossible.");
    }

    /// <summary>Every pair of layers after each other, which is where a layer gets what it did not expect.</summary>
    [TestMethod]
    public void All_pairs_of_layers_are_refused_or_score()
    {
        List<string> faults = [];
        Layer[] kinds = Kinds();
        foreach (ImageShape shape in new ImageShape[] { new(4, 1, 1), new(4, 5, 6) })
        {
            foreach (Layer first in kinds)
            {
                foreach (Layer second in kinds)
                {
                    var architecture = new LayeredArchitecture { Input = shape, Layers = [first, second] };
                    if (architecture.FindFault() is not null)
                        continue;
                    try
                    {
                        float[] rows = new float[2 * shape.Size], outputs = new float[2 * architecture.OutputSize];
                        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, Weights(architecture), TorchDevice.Cpu);
                        scorer.Embed(rows, 2, outputs);
                    }
                    catch (Exception error)
                    {
                        faults.Add($"{shape} → {Describe(first)}, {Describe(second)}: {error.Message.Split('\n')[0]}");
                    }
                }
            }
        }

        Assert.IsEmpty(faults, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(40))}");
    }

    private static Layer[] Kinds() =>
    [
        Layer.Convolution(4, 1), Layer.Convolution(4, 1, stride: 2), Layer.Convolution(4, 3), Layer.Convolution(4, 5, stride: 3), Layer.Convolution(4, 7, stride: 2, coordinates: true),
        Layer.Convolution(4, 1, coordinates: true, withRadius: true), Layer.Convolution(4, 2),
        .. from kernel in Enumerable.Range(1, 5) from stride in Enumerable.Range(1, 3) select Layer.Deconvolution(4, kernel) with { Stride = stride },
        Layer.Normalize(Normalization.None), Layer.Normalize(Normalization.Batch), Layer.Normalize(Normalization.Group, 2), Layer.Normalize(Normalization.Layer),
        Layer.Normalize(Normalization.Instance), Layer.Rectifier, Layer.Maximum, Layer.Tile(1, 1), Layer.Tile(2, 3), Layer.GlobalMean, Layer.GlobalMaximum, Layer.Softmax,
        Layer.Dense(4),
    ];

    private static LayeredArchitecture Draw(Random random) => new()
    {
        Input = random.Next(4) == 0 ? new(random.Next(1, 9), 1, 1) : new(random.Next(1, 5), Side(random), Side(random)),
        Layers = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => Draw(random, random.Next(10) == 0))],
    };

    private static int Side(Random random) => random.Next(12) == 0 ? random.Next(1000, 9000) : random.Next(1, 40);

    private static Layer Draw(Random random, bool isLarge) => new()
    {
        Kind = (LayerKind)random.Next(10),
        Channels = isLarge ? random.Next(1, 1 << 17) : random.Next(1, 12),
        KernelSize = random.Next(1, 8),
        Stride = random.Next(1, isLarge ? 17 : 4),
        Coordinates = random.Next(4) == 0,
        WithRadius = random.Next(2) == 0,
        Normalization = (Normalization)random.Next(6),
        Groups = random.Next(1, 5),
        Height = isLarge ? random.Next(1, 1 << 16) : random.Next(0, 9),
        Width = isLarge ? random.Next(1, 1 << 16) : random.Next(0, 9),
    };

    private static string Describe(Layer layer) => layer.Kind switch
    {
        LayerKind.Convolution or LayerKind.Deconvolution => $"{layer.Kind} of {layer.Channels}, {layer.KernelSize} by {layer.Stride}{(layer.Coordinates ? " with coordinates" : "")}",
        LayerKind.Normalization => layer.Normalization.ToString(),
        LayerKind.Dense => $"Dense of {layer.Channels}",
        LayerKind.Tile => $"Tile {layer.Height} × {layer.Width}",
        _ => layer.Kind.ToString(),
    };

    // A file whose layers cannot be has no weights: nothing but the layers may be looked at. Null where the weights would be too many for a test.
    private static byte[]? Forge(LayeredArchitecture architecture)
    {
        using var stream = new MemoryStream();
        if (architecture.FindFault() is not null)
        {
            var writer = new ModelWriter(stream);
            writer.WriteJson("options", new { ImageColumnName = "Image" });
            writer.WriteJson("architecture", architecture);
            writer.End();
        }
        else if (architecture.Weights().Sum(weight => Length(weight.Shape)) > 1 << 22)
        {
            return null;
        }
        else
        {
            var scale = new StandardScale(new double[architecture.OutputSize], [.. Enumerable.Repeat(1.0, architecture.OutputSize)]);
            ModelState.Write(stream, new CoordinateRegressionTransformer.State("Image", architecture, Weights(architecture), scale));
        }

        return stream.ToArray();
    }

    private static NetworkWeights Weights(LayeredArchitecture architecture)
    {
        var random = new Random(3);
        return NetworkWeights.Of(architecture, architecture.Weights().ToDictionary(weight => weight.Name, weight =>
            Enumerable.Range(0, (int)Length(weight.Shape)).Select(_ => (float)random.NextDouble()).ToArray()));
    }

    private static long Length(long[] shape) => shape.Aggregate(1L, (product, dimension) => checked(product * dimension));

    private static CoordinateRegressionTransformer Read(byte[] file)
    {
        return Of<CoordinateRegressionTransformer>();

        TModel Of<TModel>()
            where TModel : class, IPersistentModel<TModel> => TModel.Read(Host.EnvironmentOf(new MLContext(seed: 1).Transforms), new MemoryStream(file));
    }
}
