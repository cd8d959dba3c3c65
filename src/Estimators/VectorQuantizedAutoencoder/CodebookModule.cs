using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.VectorQuantizedAutoencoder;

/// <summary>A codebook that learns: its vectors e_j, and the moving sums N_j and m_j of how many vectors are nearest to each, and of those.</summary>
/// <remarks>Van den Oord et al. 2017, arXiv:1711.00937, appendix A.1: N_j ← γ N_j + (1 - γ) n_j, m_j ← γ m_j + (1 - γ) Σ z, e_j = m_j / N_j.</remarks>
internal sealed class CodebookModule : Module
{
    private const double Epsilon = 1e-5;
    private const int Passes = 10;

    // Distances that are held at once: 64 MB.
    private const long MostDistances = 1 << 24;

    private readonly CodebookLearning _learning;
    private readonly double _decay;
    private readonly bool _restarts;

    /// <param name="size">K.</param>
    /// <param name="dimension">D.</param>
    /// <param name="learning">How the vectors are learned.</param>
    /// <param name="decay">γ.</param>
    /// <param name="restarts">Whether vectors that are not used begin anew.</param>
    public CodebookModule(int size, int dimension, CodebookLearning learning, double decay, bool restarts)
        : base(nameof(CodebookModule))
    {
        (_learning, _decay, _restarts) = (learning, decay, restarts && learning != CodebookLearning.Frozen);
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = zeros(size, dimension).DetachFromDisposeScope();
        if (learning == CodebookLearning.Loss)
            register_parameter("vectors", new Parameter(vectors));
        else
            register_buffer("vectors", vectors);
        register_buffer("counts", ones(size).DetachFromDisposeScope());
        register_buffer("sums", zeros(size, dimension).DetachFromDisposeScope());
    }

    /// <summary>e, (K, D).</summary>
    public Tensor Vectors => _learning == CodebookLearning.Loss ? get_parameter("vectors")! : get_buffer("vectors")!;

    /// <summary>N, (K).</summary>
    public Tensor Counts => get_buffer("counts")!;

    /// <summary>m, (K, D).</summary>
    public Tensor Sums => get_buffer("sums")!;

    /// <summary>The number of the nearest vector for each of some, (M, D) to (M).</summary>
    public static Tensor Nearest(Tensor found, Tensor vectors)
    {
        using IDisposable noGradient = no_grad();
        Tensor doubled = (vectors + vectors).t();  // (D, K)
        Tensor norms = vectors.square().sum(1);  // (K)
        return cat([.. found.detach().split(Math.Max(1, MostDistances / vectors.shape[0])).Select(part => (norms - part.matmul(doubled)).argmin(1))]);
    }

    /// <summary>
    /// Begins with what an encoder gives: some of it at random; unless it stays so, moved to the means of what is nearest to each a few times.
    /// </summary>
    /// <param name="found">(M, D).</param>
    /// <param name="random">What to draw from.</param>
    /// <param name="check">Called between passes; throws to stop.</param>
    public void Begin(Tensor found, Random random, Action check)
    {
        using DisposeScope scope = NewDisposeScope();
        long size = Vectors.shape[0];
        int[] order = EpochOrder.Shuffled((int)found.shape[0], random);
        long[] drawn = [.. Enumerable.Range(0, (int)size).Select(code => (long)order[code % order.Length])];
        Tensor vectors = found.index_select(0, tensor(drawn).to(found.device));
        for (int pass = 0; pass < Passes && _learning != CodebookLearning.Frozen; pass++)
        {
            check();
            (Tensor counts, Tensor sums) = Sum(found, Nearest(found, vectors), size);
            Tensor isUsed = counts.to(ScalarType.Bool).unsqueeze(1);
            vectors = where(isUsed, sums / maximum(counts, ones_like(counts)).unsqueeze(1), vectors);
        }

        Vectors.copy_(vectors);
        Counts.copy_(ones_like(Counts));
        Sums.copy_(vectors);
    }

    /// <summary>How many vectors are assigned to each, (K), and their sums, (K, D).</summary>
    public static (Tensor Counts, Tensor Sums) Sum(Tensor found, Tensor nearest, long size) => (
        nearest.bincount(null, (int)size).to(ScalarType.Float32),
        zeros([size, found.shape[1]], device: found.device).index_add_(0, nearest, found.detach(), 1));

    /// <summary>Learns of what was assigned in a step, which the next one will be assigned to.</summary>
    /// <param name="counts">n, (K).</param>
    /// <param name="sums">(K, D).</param>
    /// <param name="found">What the encoder gave in that step, (M, D).</param>
    /// <param name="random">What to draw from.</param>
    public void Learn(Tensor counts, Tensor sums, Tensor found, Random random)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Scalar kept = _decay, added = 1 - _decay;  // numbers that nothing keeps alive may be freed while libtorch reads them
        Counts.mul_(kept).add_(counts, added);
        if (_learning == CodebookLearning.MovingAverage)
        {
            Sums.mul_(kept).add_(sums, added);
            Tensor total = Counts.sum();
            Tensor smooth = Counts.Plus(Epsilon) / total.Plus(Counts.shape[0] * Epsilon) * total;
            Vectors.copy_(Sums / smooth.unsqueeze(1));
        }

        if (_restarts)
            Restart(found, random);
    }

    // A vector with less than half of a use a step, or half of its share where there are fewer uses than vectors.
    private void Restart(Tensor found, Random random)
    {
        float[] counts = Counts.cpu().data<float>().ToArray();
        double least = 0.5 * Math.Min(1, (double)found.shape[0] / counts.Length);
        long[] unused = [.. Enumerable.Range(0, counts.Length).Where(code => counts[code] < least).Select(code => (long)code)];
        if (unused.Length == 0)
            return;
        Tensor codes = tensor(unused).to(found.device);
        Tensor drawn = found.index_select(0, tensor(Array.ConvertAll(unused, _ => random.NextInt64(found.shape[0]))).to(found.device));
        Vectors.index_copy_(0, codes, drawn);
        Sums.index_copy_(0, codes, drawn);
        Counts.index_copy_(0, codes, ones([unused.Length], device: found.device));
    }
}
