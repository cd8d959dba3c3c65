using MLNet.Papers.PrototypicalNetworks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

[TestClass]
public sealed class EpisodeLossTests
{
    [TestMethod]
    public void Loss_of_one_query_is_the_negative_logarithm_of_its_probability()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor support = tensor(new float[,] { { 0, 0 }, { 2, 0 } });
        Tensor queries = tensor(new float[,] { { 0.5f, 0 }, { 2, 0 } });

        // Class 0: squared distances 0.25 and 2.25, so -log p = log(1 + e^-2) = 0.126928. Class 1: 4 and 0, so log(1 + e^-4) = 0.018150.
        Assert.AreEqual((0.126928 + 0.018150) / 2, EpisodeLoss.Of(support, queries, 2, Distance.SquaredEuclidean, 1).item<float>(), 1e-6);

        // Temperature 2 halves the differences of distances: (log(1 + e^-1) + log(1 + e^-2)) / 2.
        Assert.AreEqual((0.313262 + 0.126928) / 2, EpisodeLoss.Of(support, queries, 2, Distance.SquaredEuclidean, 2).item<float>(), 1e-6);
    }

    [TestMethod]
    [DataRow(1, 1, Distance.SquaredEuclidean)]
    [DataRow(1, 5, Distance.SquaredEuclidean)]
    [DataRow(3, 2, Distance.SquaredEuclidean)]
    [DataRow(2, 3, Distance.Cosine)]
    public void Support_in_turn_is_the_mean_of_the_losses_of_all_turns(int shots, int queriesPerClass, Distance distance)
    {
        const int Ways = 4, Size = 5;
        using DisposeScope scope = NewDisposeScope();
        int examples = shots + queriesPerClass;
        Tensor all = randn([Ways, examples, Size], generator: new Generator(7));
        double sum = 0;
        for (int turn = 0; turn < examples; turn++)
        {
            Tensor turned = all.roll(-turn, 1);
            sum += EpisodeLoss.Of(Flat(turned.narrow(1, 0, shots)), Flat(turned.narrow(1, shots, queriesPerClass)), Ways, distance, 1.5).item<float>();
        }

        double inTurn = EpisodeLoss.InTurn(Flat(all.narrow(1, 0, shots)), Flat(all.narrow(1, shots, queriesPerClass)), Ways, distance, 1.5).item<float>();
        Assert.AreEqual(sum / examples, inTurn, 1e-5);

        static Tensor Flat(Tensor examples) => examples.reshape(-1, Size);
    }
}
