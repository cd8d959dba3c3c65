namespace MLNet.Papers.Networks;

/// <summary>A convolution or transposed convolution of an image, and the rectifier after it, by <see cref="PlaneProduct"/>.</summary>
/// <remarks>
/// The image is copied into planes with zeros around them, with strides a plane for each phase; then what a place of the kernel sees in all windows is one
/// run of values.
/// Between the lines of the output there are as many columns as there are zeros between those of a plane; they hold anything.
/// </remarks>
internal sealed class FusedWindows
{
    private readonly Windows _windows;
    private readonly bool _rectify;
    private readonly float[] _biases;
    private readonly float[] _coordinates;
    private readonly Part[] _parts;
    private readonly Phase[] _phases;
    private readonly int _columns;
    private readonly int _columnStride;
    private readonly int _planeSize;
    private readonly int _planesSize;
    private readonly int _resultsSize;
    private readonly bool _isDense;

    /// <param name="windows">What the windows see.</param>
    /// <param name="weights">(F, C, k, k), or as <see cref="Windows.IsTransposed"/> says; C with the coordinates.</param>
    /// <param name="biases">F values.</param>
    /// <param name="coordinates">The coordinates of each pixel; may be empty.</param>
    /// <param name="rectify">Whether negative results become 0.</param>
    public FusedWindows(Windows windows, float[] weights, float[] biases, float[] coordinates, bool rectify)
    {
        (_windows, _coordinates, _rectify) = (windows, coordinates, rectify);
        _biases = PlaneProduct.Padded(biases);
        _columns = checked((int)ColumnsOf(windows));
        _columnStride = Math.Max(_columns, PlaneProduct.Lanes);
        _planeSize = checked((int)PlaneValues(windows));
        _planesSize = checked((int)PlanesValues(windows));
        _resultsSize = checked((int)ResultsValues(windows));
        _isDense = IsDense(windows);
        _parts = [.. Parts()];
        _phases = [.. from row in Enumerable.Range(0, windows.Rows.Phases.Count) from column in Enumerable.Range(0, windows.Columns.Phases.Count)
            select CreatePhase(row, column, weights)];
    }

    /// <summary>Values that are needed while an image is computed.</summary>
    public static long WorkingValues(Windows windows) => PlanesValues(windows) + ResultsValues(windows);

    /// <summary>Values that the order of the weights and what else is kept add to them.</summary>
    public static long PackedValues(Windows windows) => ((PlaneProduct.Pad(windows.Filters) - windows.Filters + 1) * Inner(windows))
        + ((long)windows.Coordinates * windows.Input.Height * windows.Input.Width);

    /// <summary>Multiplications for an image.</summary>
    public static double Work(Windows windows) => (double)windows.Filters * Inner(windows) * ColumnsOf(windows);

    /// <summary>Computes one image.</summary>
    /// <param name="image">(C, H, W), without the coordinates.</param>
    /// <param name="output">Receives (F, H', W').</param>
    /// <param name="working">Room for <see cref="WorkingValues"/>.</param>
    public void Run(ReadOnlySpan<float> image, Span<float> output, Span<float> working)
    {
        Span<float> planes = working[.._planesSize];
        FillPlanes(image, planes);

        if (_isDense)
        {
            Multiply(_phases[0], planes, output);
            return;
        }

        Span<float> results = working.Slice(_planesSize, _resultsSize);
        for (int phase = 0, columns = _windows.Columns.Phases.Count; phase < _phases.Length; phase += columns)
        {
            for (int column = 0; column < columns; column++)
                Multiply(_phases[phase + column], planes, results[(column * (_resultsSize / columns))..]);
            CopyResults(_phases[phase].Row, results, output);
        }
    }

    // The columns are the pixels of the output, without any between them.
    private static bool IsDense(Windows windows) => windows.Rows.Phases.Count == 1 && windows.Columns.Phases.Count == 1
        && windows.Columns.Pitch == windows.Columns.Outputs && ColumnsOf(windows) >= PlaneProduct.Lanes;

    private static long ColumnsOf(Windows windows) => ((windows.Rows.Outputs - 1L) * windows.Columns.Pitch) + windows.Columns.Outputs;

    private static long ResultsValues(Windows windows) =>
        IsDense(windows) ? 0 : windows.Columns.Phases.Count * windows.Filters * Math.Max(ColumnsOf(windows), PlaneProduct.Lanes);

    // With room for the zeros of the last line and for a register.
    private static long PlanesValues(Windows windows) =>
        (windows.Channels * windows.Rows.Planes.Length * windows.Columns.Planes.Length * PlaneValues(windows)) + windows.Columns.Extent + PlaneProduct.Lanes;

    // An odd number of cache lines: the same place of all planes then is in different sets of the cache.
    private static long PlaneValues(Windows windows) => ((((long)windows.Rows.Extent * windows.Columns.Pitch) + 31) / 32 * 32) + 16;

    private static long Inner(Windows windows) => windows.Channels
        * windows.Rows.Phases.Max(taps => (long)taps.Count) * windows.Columns.Phases.Max(taps => (long)taps.Count)
        * windows.Rows.Phases.Count * windows.Columns.Phases.Count;

    private Phase CreatePhase(int row, int column, float[] weights)
    {
        (WindowAxis rows, WindowAxis columns) = (_windows.Rows, _windows.Columns);
        (int filters, int channels) = (_windows.Filters, _windows.Channels);
        List<int> offsets = [], places = [];
        int kernelSize = rows.Kernel * columns.Kernel;
        for (int channel = 0; channel < channels; channel++)
        {
            foreach ((int y, int pixelY) in rows.Phases[row])
            {
                foreach ((int x, int pixelX) in columns.Phases[column])
                {
                    int plane = (((channel * rows.Planes.Length) + rows.PlaneOf(pixelY)) * columns.Planes.Length) + columns.PlaneOf(pixelX);
                    offsets.Add((plane * _planeSize) + (pixelY / rows.Stride * columns.Pitch) + (pixelX / columns.Stride));
                    places.Add((channel * (_windows.IsTransposed ? filters : 1) * kernelSize) + (y * columns.Kernel) + x);
                }
            }
        }

        float[] ordered = new float[filters * places.Count], packed = new float[checked((int)PlaneProduct.Pad(filters) * places.Count)];
        for (int filter = 0; filter < filters; filter++)
        {
            for (int place = 0; place < places.Count; place++)
                ordered[(filter * places.Count) + place] = weights[(filter * _windows.FilterSize) + places[place]];
        }

        PlaneProduct.Pack(ordered, filters, places.Count, filterStride: places.Count, planeStride: 1, factor: 1, packed);
        return new(row, packed, [.. offsets]);
    }

    private void FillPlanes(ReadOnlySpan<float> image, Span<float> planes)
    {
        planes.Clear();
        int pixels = _windows.Input.Height * _windows.Input.Width, perChannel = _windows.Rows.Planes.Length * _windows.Columns.Planes.Length * _planeSize;
        for (int channel = 0; channel < _windows.Channels; channel++)
        {
            int own = channel - _windows.Input.Channels;
            ReadOnlySpan<float> source = own < 0 ? image.Slice(channel * pixels, pixels) : _coordinates.AsSpan(own * pixels, pixels);
            FillChannel(source, planes.Slice(channel * perChannel, perChannel));
        }
    }

    private void FillChannel(ReadOnlySpan<float> channel, Span<float> planes)
    {
        int sourcePitch = _windows.Input.Width * _windows.Rows.Stride, stride = _windows.Columns.Stride, pitch = _windows.Columns.Pitch;
        foreach ((int source, int first, int target, int length, int count) in _parts)
            Lines.Gather(channel[source..], sourcePitch, first, stride, planes[target..], pitch, length, count);
    }

    // What of a channel is in its planes.
    private IEnumerable<Part> Parts()
    {
        (WindowAxis rows, WindowAxis columns) = (_windows.Rows, _windows.Columns);
        int plane = 0;
        foreach (int row in rows.Planes)
        {
            foreach (int column in columns.Planes)
            {
                int target = (plane++ * _planeSize) + (rows.Leading(row) * columns.Pitch) + columns.Leading(column);
                if (rows.Seen(row) > 0 && columns.Seen(column) > 0)
                    yield return new(rows.First(row) * _windows.Input.Width, columns.First(column), target, columns.Seen(column), rows.Seen(row));
            }
        }
    }

    private void Multiply(Phase phase, ReadOnlySpan<float> planes, Span<float> output) => PlaneProduct.Run(
        phase.Packed, _biases, planes, phase.Offsets, _columns, _windows.Filters, output, _columnStride, _rectify);

    private void CopyResults(int row, ReadOnlySpan<float> results, Span<float> output)
    {
        (WindowAxis rows, WindowAxis columns) = (_windows.Rows, _windows.Columns);
        (int height, int width) = _windows.Output;
        int phases = columns.Phases.Count, next = _resultsSize / phases;
        for (int filter = 0; filter < _windows.Filters; filter++)
        {
            Lines.Scatter(
                results[(filter * _columnStride)..], columns.Pitch, next, phases, output[(((filter * height) + row) * width)..], width * rows.Phases.Count,
                columns.Outputs, rows.Outputs);
        }
    }

    private readonly record struct Part(int Source, int First, int Target, int Length, int Count);

    private sealed record Phase(int Row, float[] Packed, int[] Offsets);
}
