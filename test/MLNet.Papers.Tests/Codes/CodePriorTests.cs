using MLNet.Papers.Codes;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Codes;

/// <summary>What codes are drawn from: a place knows the codes before it, and nothing of itself or those behind it.</summary>
[TestClass]
public sealed class CodePriorTests
{
    private const int Size = 4;

    private static readonly Codebook Book = new(Size, 2, 3, 3, [0, 1, 1, 0, -1, 0.5f, 2, -2], new long[Size]);

    [TestMethod]
    public void A_place_depends_on_the_codes_before_it_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        LayeredArchitecture network = CodePrior.Architecture(Book, 8);
        using LayeredModule module = InitialWeights.Of(1, () => new LayeredModule(network));
        long[] codes = [1, 3, 0, 2, 2, 1, 0, 3, 1];
        double[] before = Losses(module, codes);
        for (int changed = 0; changed < codes.Length; changed++)
        {
            long[] other = [.. codes];
            other[changed] = (other[changed] + 1) % Size;
            double[] after = Losses(module, other);
            for (int place = 0; place < changed; place++)
                Assert.AreEqual(before[place], after[place], 1e-6, $"place {place} must not see place {changed}");
            if (changed + 1 < codes.Length)
                Assert.AreNotEqual(before[changed + 1], after[changed + 1], 1e-6, $"place {changed + 1} must see place {changed}");
        }

        // The cross-entropy of each place, from that of grids that end there.
        static double[] Losses(LayeredModule module, long[] codes)
        {
            Tensor logits = CodePriorTraining.Logits(module, Book, tensor(codes, [1, 9]), CPU);
            return [.. logits.log_softmax(1)[0].t().gather(1, tensor(codes, [9, 1])).flatten().data<float>().Select(value => (double)-value)];
        }
    }

    [TestMethod]
    public void Drawing_has_the_probabilities_of_training()
    {
        using DisposeScope scope = NewDisposeScope();
        LayeredArchitecture network = CodePrior.Architecture(Book, 8);
        using LayeredModule module = InitialWeights.Of(3, () => new LayeredModule(network));
        var prior = new CodePrior(network, NetworkWeights.Of(network, module));
        uint[][] grids = prior.Draw(Book, 4000, seed: 5, TorchDevice.Cpu, () => { });
        Tensor codes = tensor(grids.SelectMany(grid => grid.Select(code => (long)code)).ToArray(), [4000, 9]);
        Tensor probabilities = CodePriorTraining.Logits(module, Book, codes, CPU).softmax(1).mean([0L]);  // (K, P), after the codes that were drawn
        for (int place = 0; place < 9; place++)
        {
            for (int code = 0; code < Size; code++)
            {
                double share = grids.Count(grid => grid[place] == code) / 4000.0;
                Assert.AreEqual(probabilities[code, place].item<float>(), share, 0.03, $"code {code} at place {place}");
            }
        }
    }

    [TestMethod]
    public void A_grid_does_not_depend_on_how_many_are_drawn()
    {
        LayeredArchitecture network = CodePrior.Architecture(Book, 8);
        using LayeredModule module = InitialWeights.Of(3, () => new LayeredModule(network));
        var prior = new CodePrior(network, NetworkWeights.Of(network, module));
        uint[][] few = prior.Draw(Book, 3, seed: 5, TorchDevice.Cpu, () => { }), many = prior.Draw(Book, 300, seed: 5, TorchDevice.Cpu, () => { });
        for (int row = 0; row < few.Length; row++)
            CollectionAssert.AreEqual(many[row], few[row]);
    }

    [TestMethod]
    public void Every_place_is_seen()
    {
        var wide = new Codebook(2, 2, 32, 32, [0, 1, 1, 0], new long[2]);
        int seen = 1 + CodePrior.Architecture(wide, 4).Layers.Sum(Reach);
        Assert.IsGreaterThanOrEqualTo(wide.Places, seen);

        static int Reach(Layer layer) => layer switch
        {
            CausalConvolution convolution => (convolution.KernelSize - 1) * convolution.Dilation,
            Residual residual => residual.Layers.Sum(Reach),
            _ => 0,
        };
    }
}
