using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Benchmarks.PrototypicalNetworks;

/// <summary>The networks as a TorchSharp user writes them by hand: the paper's order of layers and torch's usual memory order.</summary>
internal static class BareNetworks
{
    public static Module<Tensor, Tensor> Convolution()
    {
        return Sequential(("shape", Unflatten(1, [1, 28, 28])), ("1", Block(1)), ("2", Block(64)), ("3", Block(64)), ("4", Block(64)), ("flat", Flatten()));

        static Module<Tensor, Tensor> Block(int channels) => Sequential(
            ("convolution", Conv2d(channels, 64, 3, padding: 1)), ("normalization", BatchNorm2d(64)), ("rectifier", ReLU()), ("maximum", MaxPool2d(2)));
    }

    public static Module<Tensor, Tensor> Perceptron() => Sequential(
        ("1", Linear(784, 64)), ("2", ReLU()), ("3", Linear(64, 64)), ("4", ReLU()), ("5", Linear(64, 64)));
}
