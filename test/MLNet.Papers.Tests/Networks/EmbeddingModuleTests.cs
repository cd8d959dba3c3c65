using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

[TestClass]
public sealed class EmbeddingModuleTests
{
    public static IEnumerable<object[]> Architectures => EmbeddingScorerTests.Architectures;

    [TestMethod]
    public void The_four_blocks_have_the_parameters_of_the_paper()
    {
        // Convolutions 1*64*9 + 64 = 640 and three times 64*64*9 + 64 = 36,928; normalizations four times 2*64: 111,424 + 512.
        using LayeredModule module = new LayeredModule(Network.Convolution(new(1, 28, 28), 64, 4));
        Assert.AreEqual(111_936, module.parameters().Sum(parameter => parameter.numel()));
    }

    [TestMethod]
    [DataRow(1, 28, 28, 64)]      // 28, 14, 7, 3, 1: 1 * 1 * 64
    [DataRow(3, 84, 84, 1600)]    // 84, 42, 21, 10, 5: 5 * 5 * 64
    public void The_four_blocks_give_embeddings_of_the_papers_length(int channels, int height, int width, int expected)
    {
        EmbeddingArchitecture architecture = Network.Convolution(new(channels, height, width), 64, 4);
        using LayeredModule module = Network.Random(architecture);
        Assert.AreEqual(expected, architecture.OutputSize);
        Assert.HasCount(expected, Network.Forward(module, Network.Rows(1, architecture.InputSize), 1));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Rows_that_are_a_part_of_others_are_embedded_as_they_are(int channels)
    {
        using DisposeScope scope = NewDisposeScope();
        using LayeredModule module = Network.Random(Network.Convolution(new(channels, 8, 8), 4, 2));
        Tensor rows = randn(6, channels * 64), part = rows.narrow(0, 2, 3);
        Assert.IsLessThan(1e-6f, (module.forward(part) - module.forward(part.clone())).abs().max().item<float>());
    }

    [TestMethod]
    public void A_perceptron_gives_embeddings_of_the_length_asked_for() => Assert.AreEqual(9, Network.Perceptron(4, 9, 100, 3).OutputSize);

    [TestMethod, DynamicData(nameof(Architectures))]
    public void A_network_has_the_weights_that_its_architecture_lists(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = new LayeredModule(architecture);
        using DisposeScope scope = NewDisposeScope();
        // The count of batches that a normalization keeps plays no part once training is over.
        string[] expected =
        [
            .. module.state_dict().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                .Select(entry => Describe(entry.Key, entry.Value.shape)),
        ];
        string[] listed = [.. architecture.Weights().Select(weight => Describe(weight.Name, weight.Shape))];
        CollectionAssert.AreEquivalent(expected, listed, name);

        static string Describe(string weight, long[] shape) => $"{weight} [{string.Join(", ", shape)}]";
    }

    [TestMethod, DynamicData(nameof(Architectures))]
    public void Weights_that_are_taken_out_and_put_back_make_the_same_network(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule original = Network.Random(architecture, seed: 1), copy = Network.Random(architecture, seed: 2);
        float[] rows = Network.Rows(2, architecture.InputSize);
        float[] expected = Network.Forward(original, rows, 2);
        CollectionAssert.AreNotEqual(expected, Network.Forward(copy, rows, 2), name);
        NetworkWeights.Of(architecture, original).CopyTo(architecture, copy);
        CollectionAssert.AreEqual(expected, Network.Forward(copy, rows, 2), name);
    }

    [TestMethod]
    public void Pooling_before_the_rectifier_is_the_papers_order_in_value_and_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new InitialWeights(5);
        // Windows of 2 x 2 of which some are all negative; 9 x 7 leaves a row and a column out.
        Tensor first = randn(3, 4, 9, 7).requires_grad_(true), second = first.detach().clone().requires_grad_(true);
        Tensor weight = randn(3, 4, 4, 3);
        Tensor ours = nn.functional.max_pool2d(first * 1, 2).relu_(), papers = nn.functional.max_pool2d((second * 1).relu(), 2);
        (ours * weight).sum().backward();
        (papers * weight).sum().backward();
        Assert.IsTrue((papers == 0).any().item<bool>(), "no window is all negative");
        Assert.AreEqual(0, (ours - papers).abs().max().item<float>());
        Assert.AreEqual(0, (first.grad! - second.grad!).abs().max().item<float>());
        Assert.IsGreaterThan(0, second.grad!.abs().max().item<float>());
    }

    [TestMethod]
    public void A_block_is_convolution_normalization_rectifier_and_maximum()
    {
        EmbeddingArchitecture architecture = Network.Convolution(new(2, 5, 4), 3, 1);
        using LayeredModule module = Network.Random(architecture);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> state = module.state_dict();
        Tensor Weight(string name) => state["blocks.0." + name];
        Tensor images = tensor(Network.Rows(2, 40), [2, 2, 5, 4]);
        Tensor convolved = nn.functional.conv2d(images, Weight("convolution.weight").contiguous(), Weight("convolution.bias"), padding: [1, 1]);
        Tensor PerFilter(string name) => Weight(name).view(1, -1, 1, 1);
        Tensor normalized = (convolved - PerFilter("normalization.running_mean")) / (PerFilter("normalization.running_var") + 1e-5).sqrt()
            * PerFilter("normalization.weight") + PerFilter("normalization.bias");
        float[] expected = nn.functional.max_pool2d(normalized.relu(), 2).flatten(1).contiguous().data<float>().ToArray();
        Network.AssertClose(expected, Network.Forward(module, Network.Rows(2, 40), 2), 1e-5);
    }

    [TestMethod]
    public void The_gradient_reaches_every_parameter()
    {
        foreach (EmbeddingArchitecture architecture in new[] { Network.Perceptron(4, 3, 8, 8), Network.Convolution(new(1, 8, 8), 4, 2) })
        {
            using LayeredModule module = Network.Random(architecture);
            module.train();
            using DisposeScope scope = NewDisposeScope();
            module.forward(tensor(Network.Rows(6, architecture.InputSize), [6, architecture.InputSize])).square().sum().backward();
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
            {
                // A bias before a normalization in training is taken away again by it: its gradient is there, but 0.
                Assert.IsNotNull(parameter.grad, name);
                if (!name.EndsWith("convolution.bias", StringComparison.Ordinal))
                    Assert.IsGreaterThan(0, parameter.grad.abs().max().item<float>(), name);
            }
        }
    }
}
