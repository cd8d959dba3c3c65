using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Codes;

/// <summary>Learns how probable each code of a grid is after those before it.</summary>
internal static class CodePriorTraining
{
    /// <summary>The loss of a network: the mean cross-entropy of a code in nats.</summary>
    /// <param name="network">The network.</param>
    /// <param name="codebook">The codebook.</param>
    /// <param name="device">The device of the network.</param>
    public static MinibatchLoss Loss(LayeredModule network, Codebook codebook, Device device)
    {
        (Tensor vectors, Tensor places) = Constants(codebook, device);
        return (batch, _) =>
        {
            Tensor codes = batch.Inputs.to(ScalarType.Int64);
            return functional.cross_entropy(Logits(network, codes, vectors, places), codes);
        };
    }

    /// <summary>The logits of each code at each place, (B, K, P), of grids (B, P).</summary>
    public static Tensor Logits(LayeredModule network, Codebook codebook, Tensor codes, Device device)
    {
        (Tensor vectors, Tensor places) = Constants(codebook, device);
        return Logits(network, codes, vectors, places);
    }

    // What the network reads: the vectors of codes, (K, D), and beside them what it knows of places, (1, C, P).
    private static (Tensor Vectors, Tensor Places) Constants(Codebook codebook, Device device)
    {
        (int size, int dimension) = (codebook.Size, codebook.Dimension);
        float scale = CodePrior.ScaleOf(codebook);
        Tensor vectors = tensor(Array.ConvertAll(codebook.Vectors, value => value * scale), [size, dimension]).to(device);
        float[] sequence = CodePrior.Empty(codebook);
        Tensor empty = tensor(sequence, [1, sequence.Length / codebook.Places, codebook.Places]);
        return (vectors, empty.narrow(1, dimension, empty.shape[1] - dimension).to(device));
    }

    private static Tensor Logits(LayeredModule network, Tensor codes, Tensor vectors, Tensor places)
    {
        (long rows, long count) = (codes.shape[0], codes.shape[1]);
        Tensor before = vectors.index_select(0, codes.narrow(1, 0, count - 1).flatten()).view(rows, count - 1, vectors.shape[1]).transpose(1, 2);
        Tensor seen = functional.pad(before, [1, 0]);  // (B, D, P): a place sees what came before it
        return network.forward(cat([seen, places.expand(rows, -1, -1)], 1).flatten(1)).view(rows, -1, count);
    }
}
