using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>A convolution that knows where in the image it looks: the coordinates of each pixel are channels after those of the input.</summary>
/// <remarks>
/// Liu et al. 2018, arXiv:1807.03247, section 3. (B, C, H, W) to (B, F, H', W'); (C + d) · F · k² + F parameters with d = 2, or 3 with the radius. With the weights of the
/// coordinates at 0 it is an ordinary convolution. The coordinates are constants that follow the module to its device. Weights are initialised as torch does for a
/// convolution of C + d channels.
/// </remarks>
internal sealed class CoordConv2d : Module<Tensor, Tensor>
{
    private const string Coordinates = "coordinates";

    private readonly long _stride;
    private readonly long _padding;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <param name="shape">C, H and W of the input.</param>
    /// <param name="filters">F.</param>
    /// <param name="kernelSize">k.</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="padding">Zeros around the input, coordinates included.</param>
    /// <param name="withRadius">Whether the radius is a third coordinate.</param>
    public CoordConv2d(ImageShape shape, int filters, int kernelSize, int stride = 1, int padding = 0, bool withRadius = false)
        : base(nameof(CoordConv2d))
    {
        (_stride, _padding) = (stride, padding);
        using (DisposeScope scope = NewDisposeScope())
        using (no_grad())
        {
            using Conv2d plain = Conv2d(shape.Channels + CoordinateChannels.Count(withRadius), filters, kernelSize);
            weight = Parameter(ChannelsLast.Of(plain.weight!).clone().DetachFromDisposeScope());
            bias = Parameter(plain.bias!.clone().DetachFromDisposeScope());
            Tensor coordinates = ChannelsLast.Of(CoordinateChannels.Tensor(shape.Height, shape.Width, withRadius)).DetachFromDisposeScope();
            register_buffer(Coordinates, coordinates, persistent: false);  // follows the module to its device; it is no state
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            get_buffer(Coordinates)?.Dispose();  // torch's modules free only what is part of their state
        base.Dispose(disposing);
    }

    public override Tensor forward(Tensor input)
    {
        Tensor place = get_buffer(Coordinates)!.expand(input.shape[0], -1, -1, -1);  // (1, d, H, W) -> (B, d, H, W)
        Tensor seen = ChannelsLast.Of(cat([input, place], dim: 1));  // costs nothing unless the input was in torch's usual order
        return weight.shape[^1] == 1 && _stride == 1 ? Pointwise.Convolve(seen, weight, bias) : functional.conv2d(seen, weight, bias, [_stride, _stride], [_padding, _padding]);
    }
}
