using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>Layers one after the other, from rows (B, D) to rows (B, M). Kernels begin He-normal and biases at 0 (He et al. 2015, arXiv:1502.01852).</summary>
internal sealed class LayeredModule : Module<Tensor, Tensor>
{
    private readonly LayeredArchitecture _architecture;
    private readonly TorchSharp.Modules.ModuleList<Module<Tensor, Tensor>> layers = [];

    /// <summary>Makes the network with fresh weights, drawn from torch's process-wide generator.</summary>
    public LayeredModule(LayeredArchitecture architecture)
        : base(nameof(LayeredModule))
    {
        _architecture = architecture;
        using DisposeScope scope = NewDisposeScope();  // torch's initialisers leave tensors behind; modules take theirs out of it
        foreach ((Layer layer, ImageShape input) in architecture.Steps())
            layers.Add(Create(layer, input));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        (int channels, int height, int width) = _architecture.Input;
        Tensor activations = ChannelsLast.Of(input.view(-1, channels, height, width));  // (B, D) -> (B, C, H, W)
        foreach (Module<Tensor, Tensor> layer in layers)
            activations = layer.forward(activations);
        return activations.flatten(1);  // (B, C', H', W') -> (B, M)
    }

    private static Module<Tensor, Tensor> Create(Layer layer, ImageShape input)
    {
        int k = layer.KernelSize, stride = layer.Stride;
        switch (layer.Kind)
        {
            case LayerKind.Convolution when layer.Coordinates:
                return WithHeNormal(new CoordConv2d(input, layer.Channels, k, stride, k / 2, layer.WithRadius));
            case LayerKind.Convolution when k == 1 && stride == 1:
                return WithHeNormal(new PointwiseModule(input.Channels, layer.Channels));
            case LayerKind.Convolution:
                return WithHeNormal(ChannelsLast.Of(Conv2d(input.Channels, layer.Channels, k, stride, k / 2)));
            case LayerKind.Deconvolution:
                int padding = (k - stride + 1) / 2;  // out = (in - 1) · stride - 2 · padding + k + extra = in · stride
                return WithHeNormal(ConvTranspose2d(input.Channels, layer.Channels, k, stride, padding, (2 * padding) - (k - stride)));
            case LayerKind.Dense:
                return WithHeNormal(new DenseModule(input.Size, layer.Channels));
            case LayerKind.Normalization:
                return ChannelNormalization.Create(layer.Normalization, layer.Groups, input.Channels) ?? Identity();
            default:
                return new FunctionModule(layer);
        }
    }

    private static TModule WithHeNormal<TModule>(TModule module)
        where TModule : Module
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
        {
            if (name == "weight")
                init.kaiming_normal_(parameter, 0, init.FanInOut.FanIn, init.NonlinearityType.ReLU);
            else
                init.zeros_(parameter);
        }

        return module;
    }

    /// <summary>A linear layer over whole images, (B, C, H, W) to (B, U, 1, 1).</summary>
    private sealed class DenseModule : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter weight;
        private readonly TorchSharp.Modules.Parameter bias;

        public DenseModule(int inputs, int units)
            : base(nameof(DenseModule))
        {
            weight = Parameter(empty(units, inputs).DetachFromDisposeScope());
            bias = Parameter(empty(units).DetachFromDisposeScope());
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => functional.linear(input.flatten(1), weight, bias).unsqueeze(-1).unsqueeze(-1);
    }

    /// <summary>A convolution of 1 × 1.</summary>
    private sealed class PointwiseModule : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter weight;
        private readonly TorchSharp.Modules.Parameter bias;

        public PointwiseModule(int channels, int filters)
            : base(nameof(PointwiseModule))
        {
            weight = Parameter(empty(filters, channels, 1, 1).DetachFromDisposeScope());
            bias = Parameter(empty(filters).DetachFromDisposeScope());
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => Pointwise.Convolve(input, weight, bias);
    }

    /// <summary>A layer without weights.</summary>
    private sealed class FunctionModule(Layer layer) : Module<Tensor, Tensor>(layer.Kind.ToString())
    {
        public override Tensor forward(Tensor input) => layer.Kind switch
        {
            LayerKind.Rectifier => input.stride().Contains(0) ? input.relu() : input.relu_(),  // a tiled image is one pixel of memory, which cannot be written in place
            LayerKind.Maximum => functional.max_pool2d(input, 2),
            LayerKind.Tile => input.expand(-1, -1, layer.Height, layer.Width),
            LayerKind.GlobalMean => input.mean([2L, 3L], keepdim: true),
            LayerKind.GlobalMaximum => input.amax([2L, 3L], keepdim: true),
            LayerKind.Softmax => functional.softmax(input.flatten(1), 1).view(input.shape),
            _ => throw new NotSupportedException($"There is no layer of kind {layer.Kind}."),
        };
    }
}
