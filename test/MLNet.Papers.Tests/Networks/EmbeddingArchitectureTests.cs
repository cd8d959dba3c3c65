using MLNet.Papers.Networks;

namespace MLNet.Papers.Tests.Networks;

/// <summary>A saved architecture is checked before anything is allocated for it.</summary>
[TestClass]
public sealed class EmbeddingArchitectureTests
{
    private static readonly EmbeddingArchitecture[] Sound =
    [
        Network.Perceptron(1, 1),
        Network.Perceptron(1 << 24, 1 << 20, 1 << 20),
        Network.Convolution(new(1, 28, 28), 64, 4),
        Network.Convolution(new(1, 2, 2), 1, 1),
        Network.Convolution(new(3, 1 << 10, 1 << 10), 64, 10),
    ];

    private static readonly (EmbeddingArchitecture Architecture, string Fault)[] Unsound =
    [
        (Network.Perceptron(0, 1), "InputSize is 0"),
        (Network.Perceptron(-1, 1), "InputSize is -1"),
        (Network.Perceptron((1 << 24) + 1, 1), "InputSize is 16777217"),
        (Network.Perceptron(1, 0), "a layer has no units or too many"),
        (Network.Perceptron(1, (1 << 20) + 1), "a layer has no units or too many"),
        (Network.Perceptron(1, 1, 5, 0, 5), "a layer has no units or too many"),
        (Network.Perceptron(1, 1, int.MaxValue), "a layer has no units or too many"),
        (Image(784, new(1, 28, 27), 64, 4), "the image 1 × 28 × 27 does not have InputSize = 784 values"),
        (Image(784, new(-1, -28, 28), 64, 4), "the image -1 × -28 × 28 does not have InputSize = 784 values"),
        (Image(1, new(0, 0, 0), 64, 4), "the image 0 × 0 × 0 does not have InputSize = 1 values"),
        (Image(784, new(1, 28, 28), 0, 4), "Filters is 0 and Blocks is 4"),
        (Image(784, new(1, 28, 28), (1 << 14) + 1, 4), "Filters is 16385 and Blocks is 4"),
        (Image(784, new(1, 28, 28), 64, 0), "Filters is 64 and Blocks is 0"),
        (Image(784, new(1, 28, 28), 64, 33), "Filters is 64 and Blocks is 33"),  // 28 >> 33 is 14: a shift counts modulo 32
        (Image(784, new(1, 28, 28), 64, 5), "5 blocks halve the image 1 × 28 × 28 to nothing"),
        (Image(56, new(1, 2, 28), 64, 2), "2 blocks halve the image 1 × 2 × 28 to nothing"),
        (Image(56, new(1, 28, 2), 64, 2), "2 blocks halve the image 1 × 28 × 2 to nothing"),
    ];

    [TestMethod]
    public void A_sound_architecture_has_no_fault()
    {
        foreach (EmbeddingArchitecture architecture in Sound)
            Assert.IsNull(architecture.FindFault(), architecture.ToString());
    }

    [TestMethod]
    public void A_fault_is_named()
    {
        foreach ((EmbeddingArchitecture architecture, string fault) in Unsound)
            Assert.AreEqual(fault, architecture.FindFault());
    }

    // 14449 * 304384145 = 2^42 + 1, and times 2^22 that is 2^64 + 2^22: 2^22 where only 64 bits are kept.
    [TestMethod]
    public void A_product_that_runs_over_is_no_match() =>
        Assert.AreEqual(
            "the image 14449 × 304384145 × 4194304 does not have InputSize = 4194304 values",
            Image(1 << 22, new(14449, 304384145, 1 << 22), 1, 1).FindFault());

    [TestMethod]
    public void More_outputs_than_an_array_holds_are_a_fault() =>
        // 2^14 filters of 2^11 by 2^11 pixels are 2^36 values a row, which is 0 in 32 bits.
        Assert.IsNotNull(Image(1 << 24, new(1, 1 << 12, 1 << 12), 1 << 14, 1).FindFault());

    private static EmbeddingArchitecture Image(int inputSize, ImageShape shape, int filters, int blocks) =>
        new() { InputSize = inputSize, ImageShape = shape, Filters = filters, Blocks = blocks };
}
