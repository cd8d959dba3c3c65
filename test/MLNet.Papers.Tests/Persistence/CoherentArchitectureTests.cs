using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Layers;
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
            string what = $"file {i}: {architecture.Input} → {string.Join(", ", architecture.Layers.AsEnumerable())}";
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
                        faults.Add($"{shape} → {first}, {second}: {error.Message.Split('\n')[0]}");
                    }
                }
            }
        }

        Assert.IsEmpty(faults, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(40))}");
    }

    private static Layer[] Kinds() =>
    [
        new Convolution(4, 1), new Convolution(4, 1, Stride: 2), new Convolution(4, 3), new Convolution(4, 5, Stride: 3),
        new Convolution(4, 7, Stride: 2, Coordinates: true),
        new Convolution(4, 1, Coordinates: true, WithRadius: true), new Convolution(4, 2),
        .. from kernel in Enumerable.Range(1, 5) from stride in Enumerable.Range(1, 3) select new TransposedConvolution(4, kernel, stride),
        new ChannelNormalization(Normalization.None), new ChannelNormalization(Normalization.Batch), new ChannelNormalization(Normalization.Group, 2),
        new ChannelNormalization(Normalization.Layer),
        new ChannelNormalization(Normalization.Instance), new Rectifier(), new MaximumPooling(), new Tile(1, 1), new Tile(2, 3), new GlobalMean(),
        new GlobalMaximum(), new PixelSoftmax(),
        new Dense(4),
        new ParallelLayers(new GlobalMean(), new GlobalMaximum()), new ParallelLayers(new Convolution(2, 3), new MaximumPooling()),
        new ParallelLayers(new Convolution(2, 3), new Rectifier()),
    ];

    private static LayeredArchitecture Draw(Random random) => new()
    {
        Input = random.Next(4) == 0 ? new(random.Next(1, 9), 1, 1) : new(random.Next(1, 5), Side(random), Side(random)),
        Layers = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => Draw(random, random.Next(10) == 0))],
    };

    private static int Side(Random random) => random.Next(12) == 0 ? random.Next(1000, 9000) : random.Next(1, 40);

    private static Layer Draw(Random random, bool isLarge)
    {
        int kind = random.Next(10),
            channels = isLarge ? random.Next(1, 1 << 17) : random.Next(1, 12),
            kernel = random.Next(1, 8),
            stride = random.Next(1, isLarge ? 17 : 4);
        bool hasCoordinates = random.Next(4) == 0, hasRadius = random.Next(2) == 0;
        Normalization normalization = (Normalization)random.Next(6);
        int groups = random.Next(1, 5),
            height = isLarge ? random.Next(1, 1 << 16) : random.Next(0, 9),
            width = isLarge ? random.Next(1, 1 << 16) : random.Next(0, 9);
        return kind switch
        {
            0 => new Convolution(channels, kernel, stride, hasCoordinates, hasRadius),
            1 => new TransposedConvolution(channels, kernel, stride),
            2 => new ChannelNormalization(normalization, groups),
            3 => new Rectifier(),
            4 => new MaximumPooling(),
            5 => new Tile(height, width),
            6 => new GlobalMean(),
            7 => new GlobalMaximum(),
            8 => new PixelSoftmax(),
            _ => new Dense(channels),
        };
    }

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
