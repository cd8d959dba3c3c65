using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace MLNet.Papers.Networks;

/// <summary>Computes one row of values.</summary>
/// <param name="row">The row.</param>
/// <param name="output">Receives what becomes of it.</param>
/// <param name="working">Room for what is needed meanwhile, with anything in it.</param>
internal delegate void RowKernel(ReadOnlySpan<float> row, Span<float> output, Span<float> working);

/// <summary>Something that is computed row by row.</summary>
/// <param name="OutputValues">Values that a row becomes.</param>
/// <param name="Build">Makes the kernel.</param>
/// <param name="WorkingValues">Values that it needs meanwhile.</param>
/// <param name="PackedValues">Values that it keeps besides the weights.</param>
/// <param name="Operations">Multiplications for a row, about.</param>
internal sealed record RowStep(long OutputValues, Func<RowKernel> Build, long WorkingValues = 0, long PackedValues = 0, double Operations = 0)
{
    /// <summary>Whether negative results become 0.</summary>
    public bool Rectify { get; init; }

    /// <summary>Makes the kernel with the rectifier in it; null where that is a pass of its own.</summary>
    public Func<RowKernel>? BuildRectified { get; init; }

    /// <summary>The same for some pixels, where each is computed from its own channels alone.</summary>
    public ColumnStep? Columns { get; init; }

    /// <summary>The same kernel for some pixels: it takes any number of them, and each is computed from its own channels alone.</summary>
    public RowStep ByColumns(int channels) => this with { Columns = new(channels, Build) };

    /// <summary>What several sequences of steps make of a row, one after the other.</summary>
    public static RowStep Parallel(RowStep[][] parts, long[] outputs) => new(
        outputs.Sum(),
        () =>
        {
            RowSteps[] sequences = [.. parts.Select(part => new RowSteps(part))];
            int[] sizes = [.. outputs.Select(size => checked((int)size))];
            return (row, output, working) =>
            {
                foreach ((RowSteps sequence, int size) in sequences.Zip(sizes))
                {
                    sequence.Run(row, output[..size], working);
                    output = output[size..];
                }
            };
        },
        parts.Max(RowSteps.WorkingValues), parts.Sum(part => part.Sum(step => step.PackedValues)), parts.Sum(part => part.Sum(step => step.Operations)));

    /// <summary>The sum of a row and what a sequence of steps makes of it.</summary>
    public static RowStep Residual(RowStep[] steps, long outputValues)
    {
        return new(
            outputValues, () => Kernel(rectify: false), RowSteps.WorkingValues(steps), steps.Sum(step => step.PackedValues),
            steps.Sum(step => step.Operations))
        {
            BuildRectified = () => Kernel(rectify: true),
        };

        RowKernel Kernel(bool rectify)
        {
            var sequence = new RowSteps(steps);
            return (row, output, working) =>
            {
                sequence.Run(row, output, working);
                LaneFunction.Sum(output, row, output, rectify);
            };
        }
    }
}

/// <summary>Steps one after the other, all of them for a row before the next, so that what lies between them stays in the processor's caches.</summary>
internal sealed class RowSteps
{
    private const int FewestInParallel = 4;
    private const double LeastParallelWork = 1e6;

    // Larger buffers are kept as long as the garbage collector leaves them: the generations of a model would hold as many of them.
    private const long MostKept = 1 << 24;

    private readonly (RowKernel Kernel, int Values, bool Rectify)[] _steps;
    private readonly int _between;
    private readonly int _working;
    private readonly double _operations;
    private readonly ConcurrentBag<float[]> _buffers = [];
    private readonly ConcurrentBag<WeakReference<float[]>> _large = [];

    public RowSteps(IReadOnlyList<RowStep> steps)
    {
        _steps = [.. steps.Select(step => step is { Rectify: true, BuildRectified: { } rectified }
            ? (rectified(), checked((int)step.OutputValues), false)
            : (step.Build(), checked((int)step.OutputValues), step.Rectify))];
        _between = checked((int)Between(steps));
        _working = checked((int)WorkingValues(steps));
        _operations = steps.Sum(step => step.Operations + step.OutputValues);
    }

    /// <summary>Values that are needed while a row goes through the steps.</summary>
    public static long WorkingValues(IReadOnlyList<RowStep> steps) =>
        (Math.Min(2, Math.Max(0, steps.Count - 1)) * Between(steps)) + steps.Select(step => step.WorkingValues).DefaultIfEmpty().Max();

    /// <summary>Computes many rows, those of a large batch in parallel.</summary>
    /// <param name="inputSize">Values of a row.</param>
    public RowsKernel Rows(int inputSize)
    {
        int outputSize = _steps[^1].Values;
        return (rows, count, outputs) => BatchParts.Run(
            count, count >= FewestInParallel && count * _operations >= LeastParallelWork, (Steps: this, rows, inputSize, outputs, outputSize),
            static (batch, row) => batch.Steps.Run(
                batch.rows.AsSpan(row * batch.inputSize, batch.inputSize), batch.outputs.AsSpan(row * batch.outputSize, batch.outputSize)));
    }

    private void Run(ReadOnlySpan<float> row, Span<float> output)
    {
        float[] buffer = Take();
        Run(row, output, buffer);
        if (buffer.Length <= MostKept)
            _buffers.Add(buffer);
        else
            _large.Add(new(buffer));
    }

    /// <summary>Computes one row.</summary>
    public void Run(ReadOnlySpan<float> row, Span<float> output, Span<float> working)
    {
        if (_steps is [])
        {
            row.CopyTo(output);
            return;
        }

        Span<float> next = working, other = _steps.Length > 2 ? working[_between..] : default, rest = working[(Math.Min(2, _steps.Length - 1) * _between)..];
        for (int i = 0; i < _steps.Length; i++)
        {
            (RowKernel kernel, int values, bool rectify) = _steps[i];
            Span<float> target = i == _steps.Length - 1 ? output : next[..values];
            kernel(row, target, rest);
            if (rectify)
                TensorPrimitives.Max(target, 0, target);
            row = target;
            Span<float> free = other;
            other = next;
            next = free;
        }
    }

    private float[] Take()
    {
        if (_buffers.TryTake(out float[]? free))
            return free;
        while (_large.TryTake(out WeakReference<float[]>? large))
        {
            if (large.TryGetTarget(out float[]? alive))
                return alive;
        }

        return new float[_working];
    }

    // The longest row between two steps.
    private static long Between(IReadOnlyList<RowStep> steps) => steps.SkipLast(1).Select(step => step.OutputValues).DefaultIfEmpty().Max();
}
