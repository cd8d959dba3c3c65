namespace MLNet.Papers.Networks;

/// <summary>What the windows of a convolution see of an image, in both directions; of a transposed convolution, what of the image each of its pixels comes
/// from.</summary>
/// <param name="Input">The image.</param>
/// <param name="Filters">Channels of the output.</param>
/// <param name="Rows">In the direction of the height.</param>
/// <param name="Columns">In the direction of the width.</param>
/// <param name="Coordinates">Channels of coordinates that stand after those of the image.</param>
/// <param name="IsTransposed">Whether the weights stand as (C, F, k, k) and not as (F, C, k, k).</param>
internal sealed record Windows(ImageShape Input, int Filters, WindowAxis Rows, WindowAxis Columns, int Coordinates = 0, bool IsTransposed = false)
{
    /// <summary>Channels with those of the coordinates.</summary>
    public int Channels => checked(Input.Channels + Coordinates);

    /// <summary>Height and width of the output.</summary>
    public (int Height, int Width) Output => (Rows.Outputs * Rows.Phases.Count, Columns.Outputs * Columns.Phases.Count);

    /// <summary>Weights of a filter that stand side by side.</summary>
    public int FilterSize => checked((IsTransposed ? 1 : Channels) * Rows.Kernel * Columns.Kernel);

    /// <summary>Values of the output.</summary>
    public long OutputValues => (long)Filters * Output.Height * Output.Width;

    /// <summary>Whether they are 3 × 3 around each pixel.</summary>
    public bool AreAroundPixels => !IsTransposed && Rows is { Kernel: 3, Stride: 1, Dilation: 1, Before: 1, Phases.Count: 1 }
        && Columns is { Kernel: 3, Stride: 1, Dilation: 1, Before: 1, Phases.Count: 1 };

    /// <summary>Whether they are the pixels themselves.</summary>
    public bool ArePixels => !IsTransposed && Rows is { Kernel: 1, Stride: 1 } && Columns is { Kernel: 1, Stride: 1 };

    /// <summary>Windows with as much on both sides of the image as lets them keep its size, without a stride.</summary>
    public static Windows Centred(ImageShape input, int filters, int kernel, int stride, int dilation = 1, int coordinates = 0)
    {
        int before = kernel / 2 * dilation;
        return new(
            input, filters, WindowAxis.Forward(input.Height, kernel, stride, dilation, before),
            WindowAxis.Forward(input.Width, kernel, stride, dilation, before), coordinates);
    }

    /// <summary>Windows over a sequence that end with the place itself.</summary>
    public static Windows Causal(ImageShape input, int filters, int kernel, int dilation) => new(
        input, filters, WindowAxis.Forward(input.Height, kernel, stride: 1, dilation, (kernel - 1) * dilation), WindowAxis.Forward(input.Width, 1, 1, 1, 0));

    /// <summary>What the pixels of an image come from that is <paramref name="stride"/> times as high and wide.</summary>
    public static Windows Transposed(ImageShape input, int filters, int kernel, int stride, int padding) => new(
        input, filters, WindowAxis.Backward(input.Height, kernel, stride, padding), WindowAxis.Backward(input.Width, kernel, stride, padding),
        IsTransposed: true);
}

/// <summary>One direction of <see cref="Windows"/>.</summary>
internal sealed class WindowAxis
{
    private WindowAxis(int length, int kernel, int outputs, int stride, int dilation, int before, IReadOnlyList<IReadOnlyList<(int Kernel, int Pixel)>> phases)
    {
        (Length, Kernel, Outputs, Stride, Dilation, Before, Phases) = (length, kernel, outputs, stride, dilation, before, phases);
        int[] pixels = [.. phases.SelectMany(taps => taps).Select(tap => tap.Pixel)];
        Planes = [.. pixels.Select(pixel => pixel % stride).Distinct().Order()];
        Extent = outputs + (pixels.Max() / stride);
        Pitch = Math.Max(outputs, Extent - Planes.Min(phase => Math.Min(Leading(phase), Extent - Leading(phase) - Seen(phase))));
    }

    /// <summary>Length of the image.</summary>
    public int Length { get; }

    /// <summary>Length of the kernel.</summary>
    public int Kernel { get; }

    /// <summary>Windows.</summary>
    public int Outputs { get; }

    /// <summary>Pixels from one window to the next.</summary>
    public int Stride { get; }

    /// <summary>Pixels from one that a window sees to the next.</summary>
    public int Dilation { get; }

    /// <summary>Zeros before the image.</summary>
    public int Before { get; }

    /// <summary>
    /// For each of the pixels of the output that a window gives, of a transposed convolution as many as its stride, else one: the places of the kernel that it
    /// is the sum of, and the pixel of each, counted from the first zero that the window may see.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<(int Kernel, int Pixel)>> Phases { get; }

    /// <summary>The phases of the image, each of them every <see cref="Stride"/>-th pixel, that some window sees; each is a plane.</summary>
    public int[] Planes { get; }

    /// <summary>Pixels of a plane, with zeros.</summary>
    public int Extent { get; }

    /// <summary>Pixels from one line of a plane to the next: zeros at the end of a line are those at the beginning of the next.</summary>
    public int Pitch { get; }

    /// <summary>The number of the plane that a pixel of <see cref="Phases"/> is in.</summary>
    public int PlaneOf(int pixel) => Array.IndexOf(Planes, pixel % Stride);

    /// <summary>Zeros at the beginning of a plane.</summary>
    public int Leading(int phase) => Math.Min(Extent, Math.Max(0, Before - phase + Stride - 1) / Stride);

    /// <summary>The first pixel of the image in a plane.</summary>
    public int First(int phase) => (Leading(phase) * Stride) + phase - Before;

    /// <summary>Pixels of the image in a plane.</summary>
    public int Seen(int phase) => Math.Clamp((Length - First(phase) + Stride - 1) / Stride, 0, Extent - Leading(phase));

    /// <summary>Of a convolution.</summary>
    public static WindowAxis Forward(int length, int kernel, int stride, int dilation, int before) => new(
        length, kernel, ((length - 1) / stride) + 1, stride, dilation, before, [[.. Enumerable.Range(0, kernel).Select(place => (place, place * dilation))]]);

    /// <summary>Of a transposed convolution, whose output leaves out so many pixels at its beginning as <paramref name="padding"/> says.</summary>
    public static WindowAxis Backward(int length, int kernel, int stride, int padding)
    {
        // Pixel i of the image gives pixel i · stride + place - padding of the output, which is that of window w in phase r
        // where place = (w - i) · stride + r + padding.
        int before = (kernel - 1 - padding) / stride;
        return new(length, kernel, length, 1, 1, Math.Max(0, before), [.. Enumerable.Range(0, stride).Select(Phase)]);

        IReadOnlyList<(int Kernel, int Pixel)> Phase(int phase) =>
        [
            .. Enumerable.Range(0, kernel).Where(place => (place - phase - padding) % stride == 0)
                .Select(place => (place, Math.Max(0, before) - ((place - phase - padding) / stride))),
        ];
    }
}
