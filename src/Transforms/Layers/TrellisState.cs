namespace MLNet.Papers.Layers;

/// <summary>
/// What a trellis network that is read step by step keeps: the inputs and the states of each level, as far back as the level above reads them.
/// </summary>
internal sealed class TrellisState : SeriesState
{
    /// <param name="layer">The network.</param>
    /// <param name="inputs">I.</param>
    /// <param name="rows">How many series there are.</param>
    /// <param name="steps">The most steps that they will have.</param>
    public TrellisState(Trellis layer, int inputs, int rows, int steps)
    {
        long taps = layer.KernelSize - 1L;
        Inputs = Ring(inputs, taps * layer.OwnDilations().Max());
        int[] above = [.. Enumerable.Range(1, layer.Levels - 1).Select(layer.Dilation)];
        (Hidden, Cells) =
            (Array.ConvertAll(above, dilation => Ring(layer.Units, taps * dilation)), Array.ConvertAll(above, dilation => Ring(layer.Units, dilation)));

        StepRing Ring(int size, long late) => new(rows, size, (int)Math.Min(late + 1, steps));
    }

    /// <summary>The step, from 0.</summary>
    public int Time { get; private set; } = -1;

    /// <summary>x.</summary>
    public StepRing Inputs { get; }

    /// <summary>h of all levels but the last.</summary>
    public StepRing[] Hidden { get; }

    /// <summary>c of all levels but the last.</summary>
    public StepRing[] Cells { get; }

    /// <summary>Begins a step.</summary>
    /// <param name="input">I values of each series.</param>
    /// <param name="rows">How many.</param>
    public void Begin(ReadOnlySpan<float> input, int rows)
    {
        Time++;
        input[..(rows * Inputs.Size)].CopyTo(Inputs.Now(Time));
    }

    public override void Copy(int from, int to)
    {
        foreach (StepRing ring in (StepRing[])[Inputs, .. Hidden, .. Cells])
        {
            for (int slot = 0; slot < ring.Steps; slot++)
                Copy(ring.Now(slot), ring.Size, from, to);
        }
    }
}

/// <summary>The last steps of some series: a step takes the place of the oldest one.</summary>
/// <param name="rows">How many series there are.</param>
/// <param name="size">The values of a step.</param>
/// <param name="steps">How many steps are kept.</param>
internal sealed class StepRing(int rows, int size, int steps)
{
    private readonly float[] _values = new float[checked(rows * size * steps)];

    /// <summary>The values of a step.</summary>
    public int Size => size;

    /// <summary>How many steps are kept.</summary>
    public int Steps => steps;

    /// <summary>The values of all series at a time from 0.</summary>
    public Span<float> Now(int time) => _values.AsSpan(time % steps * rows * size, rows * size);

    /// <summary>The values of a series at a time, one of the last ones; zeros before the first step.</summary>
    public void Read(int time, int row, Span<float> target)
    {
        Span<float> own = target[..size];
        if (time < 0)
            own.Clear();
        else
            Now(time).Slice(row * size, size).CopyTo(own);
    }

    /// <summary>What a level reads of the series: the values at its taps side by side, the last of which is the time itself.</summary>
    /// <param name="time">The time.</param>
    /// <param name="dilation">Steps from one tap to the next.</param>
    /// <param name="taps">How many taps.</param>
    /// <param name="count">How many of the series.</param>
    /// <param name="target">Room for taps × size values of each.</param>
    public void Taps(int time, int dilation, int taps, int count, Span<float> target)
    {
        for (int row = 0; row < count; row++)
        {
            for (int tap = 0; tap < taps; tap++)
                Read((int)Math.Max(-1, time - ((taps - 1L - tap) * dilation)), row, target[(((row * taps) + tap) * size)..]);
        }
    }
}
