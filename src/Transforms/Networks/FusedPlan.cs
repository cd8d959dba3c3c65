using System.Buffers;
using System.Numerics.Tensors;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>Computes some rows of values.</summary>
/// <param name="rows">The rows, one after the other.</param>
/// <param name="count">How many.</param>
/// <param name="outputs">Receives what becomes of them.</param>
internal delegate void RowsKernel(float[] rows, int count, float[] outputs);

/// <summary>A factor and a term for each channel.</summary>
internal delegate (double[] Factors, double[] Terms) ChannelScale();

/// <summary>What the layers of a network become on a CPU: stages one after the other, each a fused kernel that computes as many layers as it can in one
/// pass.</summary>
/// <remarks>Known from shapes alone, in 64 bits. Memory is taken when it is built.</remarks>
/// <param name="inputValues">Values of a row.</param>
internal sealed class FusedPlan(long inputValues)
{
    private readonly List<Stage> _stages = [];
    private Block? _open;

    /// <summary>Values that are held for each row of a batch between the stages.</summary>
    public long HeldValues => Stages().SkipLast(1).Sum(stage => stage.OutputValues);

    /// <summary>Values that are needed besides while a row goes through a stage, with borders and padding.</summary>
    public long WorkingValues => Stages().Sum(stage => stage.WorkingValues);

    private long OutputValues => Stages() is [.., var last] ? last.OutputValues : inputValues;

    /// <summary>A convolution of any kind. What can be computed with it may follow.</summary>
    /// <param name="windows">What its windows see.</param>
    /// <param name="weight">Its weights.</param>
    /// <param name="coordinates">Gives the coordinates of each pixel, where it has such channels.</param>
    public void Convolve(Windows windows, WeightOf<float[]> weight, Func<float[]>? coordinates = null)
    {
        Close();
        _open = new Block(windows, weight, coordinates);
    }

    /// <summary>A factor and a term for each channel.</summary>
    public void Scale(ImageShape input, ChannelScale scale)
    {
        if (_open is { Scale: null, HasMaximum: false, IsRectified: false })
        {
            _open.Scale = scale;
            return;
        }

        Add(new RowStep(input.Values, () =>
        {
            (double[] factors, double[] terms) = scale();
            float[] single = Array.ConvertAll(factors, factor => (float)factor), added = Array.ConvertAll(terms, term => (float)term);
            return (row, output, _) => Affine.Channels(row, output, single, added);
        }).ByColumns(input.Channels));
    }

    /// <summary>The maximum over 2 × 2 pixels.</summary>
    public void Maximize(ImageShape input)
    {
        if (_open is { HasMaximum: false })
            _open.HasMaximum = true;
        else
            Add(FusedMaximum.Step(input));
    }

    /// <summary>The rectifier; it commutes with the maximum before it.</summary>
    public void Rectify()
    {
        if (_open is not null)
            _open.IsRectified = true;
        else if (_stages is not [.., var last] || !last.Rectify())
            Add(new RowStep(OutputValues, () => (row, output, _) => TensorPrimitives.Max(row, 0, output)));
    }

    /// <summary>A linear layer.</summary>
    public void Multiply(long inputs, int units, WeightOf<float[]> weight)
    {
        Close();
        if (_stages is not [.., Perceptron perceptron])
            _stages.Add(perceptron = new Perceptron(inputs));
        perceptron.Add(units, weight);
    }

    /// <summary>Something that is computed row by row.</summary>
    public void Add(RowStep step)
    {
        Close();
        if (_stages is not [.., RowByRow rows])
            _stages.Add(rows = new RowByRow(OutputValues));
        rows.Steps.Add(step);
    }

    /// <summary>Something that is computed for many rows at once.</summary>
    /// <param name="outputValues">Values that a row becomes.</param>
    /// <param name="workingValues">Values that are needed besides for a row.</param>
    /// <param name="build">Builds the kernel.</param>
    public void Add(long outputValues, long workingValues, Func<RowsKernel> build) => AddStage(new Built(outputValues, workingValues, build));

    /// <summary>Plans over the same rows, whose outputs stand one after the other.</summary>
    public void AddParallel(FusedPlan[] plans)
    {
        RowStep[]?[] parts = [.. plans.Select(plan => plan.Steps())];
        if (parts.All(part => part is not null))
            Add(RowStep.Parallel(parts!, [.. plans.Select(plan => plan.OutputValues)]));
        else
            AddStage(new Fan(plans));
    }

    /// <summary>The sum of the rows and what a plan makes of them.</summary>
    public void AddResidual(FusedPlan plan)
    {
        if (plan.Steps() is { } steps)
            Add(RowStep.Residual(steps, plan.OutputValues));
        else
            AddStage(new Sum(plan));
    }

    /// <summary>Builds the kernels.</summary>
    public RowsKernel Build()
    {
        int inputs = checked((int)inputValues);
        (RowsKernel Kernel, int Values)[] stages = [.. Stages().Select(stage => (stage.Build(), checked((int)stage.OutputValues)))];
        if (stages is [])
            return (rows, count, outputs) => rows.AsSpan(0, count * inputs).CopyTo(outputs);
        if (stages is [var single])
            return single.Kernel;
        return (rows, count, outputs) =>
        {
            float[] input = rows;
            for (int i = 0; i < stages.Length; i++)
            {
                float[] output = i == stages.Length - 1 ? outputs : ArrayPool<float>.Shared.Rent(checked(count * stages[i].Values));
                stages[i].Kernel(input, count, output);
                if (i > 0)
                    ArrayPool<float>.Shared.Return(input);
                input = output;
            }
        };
    }

    private List<Stage> Stages()
    {
        Close();
        return _stages;
    }

    // The steps where all is computed row by row; null where something is computed for many rows at once.
    private RowStep[]? Steps() => Stages() switch
    {
        [] => [],
        [RowByRow rows] => [.. rows.Joined()],
        _ => null,
    };

    private void AddStage(Stage stage)
    {
        Close();
        _stages.Add(stage);
    }

    // The layers of a block are known when another layer comes.
    private void Close()
    {
        if (_open is not { } block)
            return;
        _open = null;
        if (!block.IsFused)
        {
            Add(block.ToStep());
            if (block.HasMaximum)
                Add(FusedMaximum.Step(block.Convolved));
        }
        else if (_stages is [.., Blocks blocks] && block.Coordinates is null)
        {
            blocks.Add(block);
        }
        else
        {
            _stages.Add(new Blocks(block));
        }
    }

    private abstract class Stage
    {
        public abstract long OutputValues { get; }

        public abstract long WorkingValues { get; }

        public virtual bool Rectify() => false;

        public abstract RowsKernel Build();
    }

    /// <summary>Convolution, scale, maximum and rectifier; the last two commute.</summary>
    private sealed class Block(Windows windows, WeightOf<float[]> weight, Func<float[]>? coordinates)
    {
        public ChannelScale? Scale { get; set; }

        public bool HasMaximum { get; set; }

        public bool IsRectified { get; set; }

        public Windows Windows => windows;

        public Func<float[]>? Coordinates => coordinates;

        public ImageShape Convolved => new(windows.Filters, windows.Output.Height, windows.Output.Width);

        /// <summary>Whether there is a kernel for all of it.</summary>
        public bool IsFused => windows.AreAroundPixels && HasMaximum && IsRectified;

        /// <summary>The same without the maximum.</summary>
        public RowStep ToStep() => new(windows.OutputValues, () =>
        {
            (float[] weights, float[] biases) = Folded();
            return new FusedWindows(windows, weights, biases, coordinates?.Invoke() ?? [], IsRectified).Run;
        }, FusedWindows.WorkingValues(windows), FusedWindows.PackedValues(windows), FusedWindows.Work(windows))
        {
            Columns = !windows.ArePixels ? null : new(windows.Filters, () =>
            {
                (float[] weights, float[] biases) = Folded();
                return ColumnStep.Product(windows.Channels, weights, biases, IsRectified);
            }, IsProduct: true, windows.Coordinates, coordinates),
        };

        /// <summary>The weights, with the scale: one multiplication and one addition a filter less.</summary>
        public (float[] Weights, float[] Biases) Folded()
        {
            float[] kernel = weight("weight"), biases = weight("bias");
            if (Scale is null)
                return (kernel, biases);
            (double[] factors, double[] terms) = Scale();
            int filterSize = windows.FilterSize;
            return (
                [.. kernel.Select((value, i) => (float)(value * factors[i / filterSize % factors.Length]))],
                [.. biases.Select((value, filter) => (float)((value * factors[filter]) + terms[filter]))]);
        }
    }

    /// <summary>Blocks whose kernels hand their images on.</summary>
    private sealed class Blocks(Block first) : Stage
    {
        private readonly List<Block> _blocks = [first];

        public override long OutputValues =>
            (long)_blocks[^1].Windows.Filters * (first.Windows.Input.Height >> _blocks.Count) * (first.Windows.Input.Width >> _blocks.Count);

        public override long WorkingValues =>
            FusedBlocks.WorkingValues(first.Windows.Input, first.Windows.Coordinates, _blocks.Select(block => block.Windows.Filters));

        public void Add(Block block) => _blocks.Add(block);

        public override RowsKernel Build() =>
            new FusedBlocks(first.Windows.Input, first.Coordinates?.Invoke() ?? [], [.. _blocks.Select(block => block.Folded())]).Embed;
    }

    /// <summary>Linear layers, each with or without a rectifier.</summary>
    private sealed class Perceptron(long inputs) : Stage
    {
        private readonly List<(int Units, WeightOf<float[]> Weight, bool Rectify)> _layers = [];

        public override long OutputValues => _layers[^1].Units;

        public override long WorkingValues => FusedPerceptron.WorkingValues(inputs, [.. _layers.Select(layer => layer.Units)]);

        public void Add(int units, WeightOf<float[]> weight) => _layers.Add((units, weight, false));

        public override bool Rectify()
        {
            _layers[^1] = _layers[^1] with { Rectify = true };
            return true;
        }

        public override RowsKernel Build() => new FusedPerceptron(
            checked((int)inputs), [.. _layers.Select(layer => new FusedDense(layer.Weight("weight"), layer.Weight("bias"), layer.Rectify))]).Run;
    }

    /// <summary>Steps, all of them for a row before the next.</summary>
    private sealed class RowByRow(long inputValues) : Stage
    {
        public List<RowStep> Steps { get; } = [];

        public override long OutputValues => Steps[^1].OutputValues;

        public override long WorkingValues => RowSteps.WorkingValues(Joined()) + Steps.Sum(step => step.PackedValues);

        public IReadOnlyList<RowStep> Joined() => FusedColumns.Joined(inputValues, Steps);

        public override bool Rectify()
        {
            Steps[^1] = Steps[^1] with { Rectify = true };
            return true;
        }

        public override RowsKernel Build() => new RowSteps(Joined()).Rows(checked((int)inputValues));
    }

    private sealed class Built(long outputValues, long workingValues, Func<RowsKernel> build) : Stage
    {
        public override long OutputValues => outputValues;

        public override long WorkingValues => workingValues;

        public override RowsKernel Build() => build();
    }

    /// <summary>Plans over the same rows.</summary>
    private sealed class Fan(FusedPlan[] plans) : Stage
    {
        public override long OutputValues => plans.Sum(plan => plan.OutputValues);

        public override long WorkingValues => plans.Sum(plan => plan.WorkingValues + plan.HeldValues) + OutputValues;

        public override RowsKernel Build()
        {
            (RowsKernel Kernel, int Values)[] parts = [.. plans.Select(plan => (plan.Build(), checked((int)plan.OutputValues)))];
            int size = checked((int)OutputValues);
            return (rows, count, outputs) =>
            {
                int first = 0;
                foreach ((RowsKernel kernel, int values) in parts)
                {
                    float[] part = ArrayPool<float>.Shared.Rent(checked(count * values));
                    kernel(rows, count, part);
                    for (int row = 0; row < count; row++)
                        part.AsSpan(row * values, values).CopyTo(outputs.AsSpan((row * size) + first));
                    ArrayPool<float>.Shared.Return(part);
                    first += values;
                }
            };
        }
    }

    /// <summary>The rows and what a plan makes of them.</summary>
    private sealed class Sum(FusedPlan plan) : Stage
    {
        public override long OutputValues => plan.OutputValues;

        public override long WorkingValues => plan.WorkingValues + plan.HeldValues;

        public override RowsKernel Build()
        {
            RowsKernel kernel = plan.Build();
            int size = checked((int)OutputValues);
            return (rows, count, outputs) =>
            {
                kernel(rows, count, outputs);
                Span<float> sums = outputs.AsSpan(0, count * size);
                TensorPrimitives.Add(sums, rows.AsSpan(0, count * size), sums);
            };
        }
    }
}
