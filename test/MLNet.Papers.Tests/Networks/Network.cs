using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Networks for tests: with random weights, or with weights that make the outcome plain.</summary>
internal static class Network
{
    /// <summary>One of each kind that the code treats differently.</summary>
    public static IReadOnlyDictionary<string, EmbeddingArchitecture> Kinds { get; } = new Dictionary<string, EmbeddingArchitecture>
    {
        ["one layer"] = Perceptron(3, 5),
        ["one hidden layer"] = Perceptron(7, 4, 11),
        ["three hidden layers"] = Perceptron(5, 3, 8, 2, 17),
        ["a layer too wide for the stack"] = Perceptron(3, 2, 1100, 5),
        ["the paper's image"] = Convolution(new(1, 28, 28), 64, 4),
        ["colours"] = Convolution(new(3, 10, 10), 6, 2),
        ["odd sides"] = Convolution(new(2, 11, 7), 5, 2),
        ["one block"] = Convolution(new(1, 2, 3), 4, 1),
        ["more filters than two registers"] = Convolution(new(1, 9, 8), 33, 2),
        ["one filter"] = Convolution(new(4, 8, 9), 1, 1),
        ["coordinates"] = Convolution(new(3, 10, 7), 6, 2) with { Coordinates = true },
        ["coordinates without normalization"] = Convolution(new(1, 9, 8), 33, 2) with { Coordinates = true, Normalization = Normalization.None },
        ["no normalization"] = Convolution(new(2, 8, 8), 5, 2) with { Normalization = Normalization.None },
        ["group normalization"] = Convolution(new(1, 12, 8), 6, 2) with { Normalization = Normalization.Group, Groups = 3 },
        ["layer normalization"] = Convolution(new(1, 8, 12), 5, 2) with { Normalization = Normalization.Layer },
        ["instance normalization with coordinates"] = Convolution(new(2, 8, 8), 4, 1) with { Normalization = Normalization.Instance, Coordinates = true },
    };

    public static EmbeddingArchitecture Perceptron(int inputSize, int embeddingSize, params int[] hiddenUnits) =>
        new() { InputSize = inputSize, EmbeddingSize = embeddingSize, HiddenUnits = hiddenUnits };

    public static EmbeddingArchitecture Convolution(ImageShape shape, int filters, int blocks) =>
        new() { InputSize = shape.Size, ImageShape = shape, Filters = filters, Blocks = blocks };

    /// <summary>A network whose parameters and normalization statistics are all random, as if it had been trained.</summary>
    public static LayeredModule Random(EmbeddingArchitecture architecture, int seed = 1)
    {
        using var generator = new InitialWeights(seed);
        LayeredModule module = new LayeredModule(architecture);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor tensor) in module.state_dict())
        {
            if (name.EndsWith("running_var", StringComparison.Ordinal))
                tensor.copy_(rand(tensor.shape) * 3 + 0.2);
            else if (name.Contains("normalization", StringComparison.Ordinal) && tensor.dtype == ScalarType.Float32)
                tensor.copy_(randn(tensor.shape));  // also negative scales
        }

        module.eval();
        return module;
    }

    /// <summary>The weights of a network that gives back its input.</summary>
    public static NetworkWeights Identity(int size)
    {
        EmbeddingArchitecture architecture = Perceptron(size, size);
        using LayeredModule module = new LayeredModule(architecture);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> state = module.state_dict();
        state["layers.0.weight"].copy_(eye(size));
        state["layers.0.bias"].zero_();
        return NetworkWeights.Of(architecture, module);
    }

    /// <summary>Rows of numbers from -1 to 1.</summary>
    public static float[] Rows(int count, int size, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * size).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>Runs a module on rows, without gradients.</summary>
    public static float[] Forward(nn.Module<Tensor, Tensor> module, float[] rows, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        return module.forward(tensor(rows, [count, rows.Length / count])).contiguous().data<float>().ToArray();
    }

    /// <summary>Compares numbers one by one, allowing a difference relative to the greatest of them.</summary>
    public static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, double relative, string message = "")
    {
        Assert.HasCount(expected.Count, actual);
        double scale = expected.Max(Math.Abs);
        Assert.IsGreaterThan(0, scale, "The expected values are all 0 and tell nothing.");
        for (int i = 0; i < expected.Count; i++)
            Assert.AreEqual(expected[i], actual[i], relative * scale, $"{message} at {i}");
    }
}
