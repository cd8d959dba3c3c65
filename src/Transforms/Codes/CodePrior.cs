using System.Numerics.Tensors;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>How probable each code of a grid is after those before it: what new grids are drawn from, place by place.</summary>
/// <remarks>
/// The places follow each other row by row, as in van den Oord et al., "Pixel Recurrent Neural Networks", ICML 2016; causal convolutions with growing
/// dilations see all of them, as in their "WaveNet", 2016. A place knows the vectors of the codes before it, whether it is the first, and where it is.
/// </remarks>
/// <param name="Network">Reads a sequence (D + 3, P, 1), and gives the logits of the codes for each place, (K, P, 1).</param>
/// <param name="Weights">Its weights.</param>
internal sealed record CodePrior([Block("prior")] LayeredArchitecture Network, [Block("prior")] NetworkWeights Weights) : IModelRecord
{
    private const int KernelSize = 3;
    private const int PlaceChannels = 3;

    /// <summary>The network for a codebook.</summary>
    /// <param name="codebook">The codebook.</param>
    /// <param name="channels">Channels of its layers.</param>
    public static LayeredArchitecture Architecture(Codebook codebook, int channels)
    {
        List<Layer> layers = [new CausalConvolution(channels, KernelSize)];
        int seen = KernelSize;
        for (int dilation = 1; seen < codebook.Places; dilation *= 2)
        {
            layers.Add(new Residual(
                new Rectifier(), new CausalConvolution(channels, KernelSize, dilation), new Rectifier(), new CausalConvolution(channels, 1)));
            seen += (KernelSize - 1) * dilation;
        }

        return new()
        {
            Input = new(codebook.Dimension + PlaceChannels, codebook.Places, 1),
            Layers = [.. layers, new Rectifier(), new CausalConvolution(codebook.Size, 1)],
        };
    }

    /// <summary>What the network reads of a grid that has no codes yet.</summary>
    public static float[] Empty(Codebook codebook)
    {
        int places = codebook.Places;
        float[] sequence = new float[(codebook.Dimension + PlaceChannels) * places];
        Span<float> own = sequence.AsSpan(codebook.Dimension * places);
        own[0] = 1;
        for (int place = 0; place < places; place++)
        {
            own[places + place] = Coordinate(place / codebook.Width, codebook.Height);
            own[(2 * places) + place] = Coordinate(place % codebook.Width, codebook.Width);
        }

        return sequence;
    }

    /// <summary>What vectors of a codebook are multiplied by for the network, so that their root mean square is 1.</summary>
    public static float ScaleOf(Codebook codebook)
    {
        float norm = TensorPrimitives.Norm<float>(codebook.Vectors) / MathF.Sqrt(codebook.Vectors.Length);
        return norm > 0 ? 1 / norm : 1;
    }

    /// <summary>Draws grids; each depends on the seed and on its number alone.</summary>
    /// <param name="codebook">The codebook.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <returns>For each grid its numbers, from 0.</returns>
    public uint[][] Draw(Codebook codebook, int count, int seed, TorchDevice device, Action check)
    {
        using EmbeddingScorer scorer = EmbeddingScorer.Create(Network, Weights, device);
        var seeds = new Random(seed);
        Random[] random = [.. Enumerable.Range(0, count).Select(_ => new Random(seeds.Next()))];
        uint[][] grids = [.. random.Select(_ => new uint[codebook.Places])];
        int batch = Network.BatchSize, places = codebook.Places, size = Network.Input.Size;
        float[] empty = Empty(codebook), sequences = [], logits = [], own = new float[codebook.Size];
        float scale = ScaleOf(codebook);
        for (int first = 0; first < count; first += batch)
        {
            int rows = Math.Min(batch, count - first);
            ScoringMemory.MakeRoom(ref sequences, rows - 1, size, batch);
            ScoringMemory.MakeRoom(ref logits, rows - 1, Network.OutputSize, batch);
            for (int row = 0; row < rows; row++)
                empty.CopyTo(sequences, row * size);
            for (int place = 0; place < places; place++)
            {
                check();
                scorer.Embed(sequences, rows, logits);
                for (int row = 0; row < rows; row++)
                {
                    for (int code = 0; code < own.Length; code++)
                        own[code] = logits[(row * Network.OutputSize) + (code * places) + place];
                    int drawn = Draw(own, random[first + row]);
                    grids[first + row][place] = (uint)drawn;
                    for (int channel = 0; place < places - 1 && channel < codebook.Dimension; channel++)
                        sequences[(row * size) + (channel * places) + place + 1] = scale * codebook.Vectors[(drawn * codebook.Dimension) + channel];
                }
            }
        }

        return grids;
    }

    /// <summary>What is wrong with a prior of other codes, or null.</summary>
    public string? FindFault(Codebook codebook) =>
        Network.Input == new ImageShape(codebook.Dimension + PlaceChannels, codebook.Places, 1)
        && Network.Describe().Output == new ImageShape(codebook.Size, codebook.Places, 1)
            ? null
            : FormattableString.Invariant($"Block 'prior' reads {Network.Input}, which does not fit codes of {codebook.Dimension} × {codebook.Places}.");

    private static float Coordinate(int place, int length) => length > 1 ? (2f * place / (length - 1)) - 1 : 0;

    private static int Draw(Span<float> logits, Random random)
    {
        ClassProbabilities.Softmax(logits);
        double rest = random.NextDouble();
        int last = 0;
        for (int code = 0; code < logits.Length; code++)
        {
            if (logits[code] <= 0)
                continue;
            last = code;
            rest -= logits[code];
            if (rest < 0)
                break;
        }

        return last;
    }
}
