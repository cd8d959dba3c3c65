using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Episodes;

/// <summary>Turns and distorts the images of an episode, each by its own draw.</summary>
internal sealed class ImageAugmentation : IDisposable
{
    private const double LargestTurn = 15 * Math.PI / 180;
    private const double LargestScaling = 0.15;
    private const double LargestShear = 0.15;
    private const double LargestShift = 0.07;

    private readonly ImageShape _shape;
    private readonly double _jitter;
    private readonly Tensor _turns;

    public ImageAugmentation(ImageShape shape, double jitter, Device device)
    {
        _shape = shape;
        _jitter = jitter;
        using DisposeScope scope = NewDisposeScope();
        Tensor identity = arange(shape.Size, ScalarType.Int64).view(shape.Channels, shape.Height, shape.Width);
        _turns = (shape.Height == shape.Width
            ? stack([.. Enumerable.Range(0, 4).Select(turn => identity.rot90(turn, (1, 2)).flatten())])
            : identity.view(1, -1)).to(device).DetachFromDisposeScope();
    }

    /// <summary>Turns images by quarters.</summary>
    /// <param name="images">(B, D).</param>
    /// <param name="quarters">B numbers of quarter turns, 0 to 3.</param>
    public Tensor Turn(Tensor images, long[] quarters) =>
        images.gather(1, _turns.index_select(0, tensor(quarters).to(_turns.device)));

    /// <summary>Distorts images by random affine maps; what comes in from outside is 0.</summary>
    /// <param name="images">(B, D).</param>
    /// <param name="random">Where the maps are drawn from.</param>
    public Tensor Jitter(Tensor images, Random random)
    {
        int count = (int)images.shape[0];
        float[] maps = new float[count * 6];
        for (int i = 0; i < count; i++)
            DrawMap(random, maps.AsSpan(i * 6, 6));
        using IDisposable noGradient = no_grad();
        long[] size = [count, _shape.Channels, _shape.Height, _shape.Width];
        Tensor grid = nn.functional.affine_grid(tensor(maps, [count, 2, 3]).to(images.device), size, align_corners: false);  // (B, H, W, 2)
        return nn.functional
            .grid_sample(images.view(size), grid, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Zeros, align_corners: false)
            .view(count, -1);
    }

    public void Dispose() => _turns.Dispose();

    // The inverse map, from places in the result to places in the image, in coordinates from -1 to 1.
    private void DrawMap(Random random, Span<float> map)
    {
        double turn = Draw(LargestTurn), shear = Draw(LargestShear);
        double scaleX = Math.Exp(Draw(LargestScaling)), scaleY = Math.Exp(Draw(LargestScaling));
        (double sin, double cos) = Math.SinCos(turn);
        map[0] = (float)(cos * scaleX);
        map[1] = (float)(((shear * cos) - sin) * scaleY);
        map[2] = (float)(2 * Draw(LargestShift));
        map[3] = (float)(sin * scaleX);
        map[4] = (float)(((shear * sin) + cos) * scaleY);
        map[5] = (float)(2 * Draw(LargestShift));

        double Draw(double largest) => _jitter * largest * ((2 * random.NextDouble()) - 1);
    }
}
