using Microsoft.ML.SearchSpace;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers;

/// <summary>The options of every technique that can learn an initialization from which few gradient steps reach a classifier.</summary>
/// <remarks>
/// Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, arXiv:1703.03400; symbols are those of the paper.
/// </remarks>
public abstract class MetaLearningOptions : FewShotOptions
{
    private protected MetaLearningOptions()
    {
    }

    /// <summary>α, the size of the gradient steps on a task. Greater than 0.</summary>
    [GreaterThan(0), Range(0.005, 0.5, init: 0.05, logBase: true)]
    public double InnerLearningRate { get; set; } = 0.05;

    /// <summary>Gradient steps on a training task. From 1 to 1000.</summary>
    [TakesMemory, Between(1, 1_000), Range(1, 10, init: 5)]
    public int InnerSteps { get; set; } = 5;

    /// <summary>Gradient steps on a support set in use. From 1 to 100000.</summary>
    [Between(1, 100_000)]
    public int AdaptationSteps { get; set; } = 50;

    /// <summary>Whether second derivatives are left out (section 5.2): about half the work for a little less accuracy.</summary>
    [AnyValue]
    public bool FirstOrder { get; set; }

    /// <summary>Tasks of an optimizer step, whose losses are averaged. At least 1.</summary>
    [AtLeast(1)]
    public int TasksPerStep { get; set; } = 8;

    /// <summary>The network that MAML learns.</summary>
    /// <param name="inputSize">The length of a row.</param>
    /// <param name="outputs">Classes of a training task.</param>
    internal LayeredArchitecture MamlArchitecture(int inputSize, int outputs) => Architecture(inputSize, ImageShape, Filters, Blocks, HiddenUnits, outputs);

    /// <summary>Convolutions that halve the image by their stride and a mean over it, or a multilayer perceptron; and a dense layer with the outputs.</summary>
    internal static LayeredArchitecture Architecture(int inputSize, ImageShape? image, int filters, int blocks, int[] hiddenUnits, int outputs)
    {
        IEnumerable<Layer> layers = image is null
            ? hiddenUnits.SelectMany(units => new Layer[] { new Dense(units), new Rectifier() })
            : Enumerable.Repeat(new Layer[] { new Convolution(filters, 3, Stride: 2), new ChannelNormalization(Normalization.Batch), new Rectifier() }, blocks)
                .SelectMany(block => block)
                .Append(new GlobalMean());
        return new() { Input = image ?? new ImageShape(inputSize, 1, 1), Layers = [.. layers, new Dense(outputs)] };
    }

    /// <summary>What is wrong with these options for MAML, or null.</summary>
    private protected (string Property, string Message)? FindMamlConflict() =>
        ImageShape is null && HiddenUnits.Length == 0 ? (nameof(HiddenUnits), "must have at least one layer for MAML, but has none.") : null;
}
