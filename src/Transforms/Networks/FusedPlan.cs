using System.Buffers;
using System.Numerics.Tensors;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>Computes some rows of values.</summary>
/// <param name="rows">The rows, one after the other.</param>
/// <param name="count">How many.</param>
/// <param name="outputs">Receives what becomes of them.</param>
internal delegate void RowsKernel(float[] rows, int count, float[] outputs);

/// <summary>Computes one row of values.</summary>
internal delegate void RowKernel(ReadOnlySpan<float> row, Span<float> output);

/// <summary>What the layers of a network become on a CPU: stages one after the other, each a fused kernel that computes as many layers as it can in one
/// pass.</summary>
/// <remarks>Known from shapes alone, in 64 bits. Memory is taken when it is built.</remarks>
/// <param name="inputValues">Values of a row.</param>
internal sealed class FusedPlan(long inputValues)
{
    private readonly List<Stage> _stages = [];

    /// <summary>Whether there is a stage, and each has the layers that it needs.</summary>
    public bool IsComplete => _stages.Count > 0 && _stages.All(stage => stage.IsComplete);

    /// <summary>Values that are held for each row of a batch between the stages.</summary>
    public long HeldValues => _stages.SkipLast(1).Sum(stage => stage.OutputValues);

    /// <summary>Values that are needed besides while a row goes through a stage, with borders and padding.</summary>
    public long WorkingValues => _stages.Sum(stage => stage.WorkingValues);

    private long OutputValues => _stages.Count == 0 ? inputValues : _stages[^1].OutputValues;

    /// <summary>A convolution 3 × 3 that keeps the size of the image.</summary>
    public bool Convolve(ImageShape input, int filters, int coordinates, WeightOf<float[]> weight)
    {
        if (_stages is [.., Blocks { IsComplete: true } blocks] && coordinates == 0)
            blocks.Add(filters, weight);
        else
            _stages.Add(new Blocks(input, coordinates, filters, weight));
        return true;
    }

    /// <summary>A factor and a term for each channel, folded into the convolution before.</summary>
    public bool Scale(Func<(double[] Factors, double[] Terms)> scale) => _stages is [.., Blocks blocks] && blocks.Scale(scale);

    /// <summary>The maximum over 2 × 2 pixels after a convolution.</summary>
    public bool Maximize() => _stages is [.., Blocks blocks] && blocks.Maximize();

    /// <summary>The rectifier, in the stage before it where that can.</summary>
    public bool Rectify() => (_stages.Count > 0 && _stages[^1].Rectify()) || Add(OutputValues, (row, output) => TensorPrimitives.Max(row, 0, output));

    /// <summary>A linear layer.</summary>
    public bool Multiply(long inputs, int units, WeightOf<float[]> weight)
    {
        if (_stages is not [.., Perceptron perceptron])
            _stages.Add(perceptron = new Perceptron(inputs));
        perceptron.Add(units, weight);
        return true;
    }

    /// <summary>Something that is computed row by row.</summary>
    public bool Add(long outputValues, RowKernel kernel)
    {
        _stages.Add(new RowByRow(OutputValues, outputValues, kernel));
        return true;
    }

    /// <summary>Something that is computed for many rows at once.</summary>
    /// <param name="outputValues">Values that a row becomes.</param>
    /// <param name="workingValues">Values that are needed besides for a row.</param>
    /// <param name="build">Builds the kernel.</param>
    public bool Add(long outputValues, long workingValues, Func<RowsKernel> build)
    {
        _stages.Add(new Built(outputValues, workingValues, build));
        return true;
    }

    /// <summary>Plans over the same rows, whose outputs stand one after the other.</summary>
    public bool AddParallel(FusedPlan[] plans)
    {
        _stages.Add(new Fan(plans));
        return true;
    }

    /// <summary>Builds the kernels.</summary>
    public RowsKernel Build()
    {
        (RowsKernel Kernel, int Values)[] stages = [.. _stages.Select(stage => (stage.Build(), checked((int)stage.OutputValues)))];
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

    private abstract class Stage
    {
        public abstract long OutputValues { get; }

        public abstract long WorkingValues { get; }

        public virtual bool IsComplete => true;

        public virtual bool Rectify() => false;

        public abstract RowsKernel Build();
    }

    /// <summary>Blocks of convolution, scale, maximum and rectifier; the last two commute.</summary>
    private sealed class Blocks : Stage
    {
        private readonly ImageShape _input;
        private readonly int _coordinates;
        private readonly List<(int Filters, WeightOf<float[]> Weight)> _convolutions = [];
        private readonly List<Func<(double[] Factors, double[] Terms)>?> _scales = [];
        private bool _hasMaximum;
        private bool _isRectified;

        public Blocks(ImageShape input, int coordinates, int filters, WeightOf<float[]> weight)
        {
            (_input, _coordinates) = (input, coordinates);
            Add(filters, weight);
        }

        public override bool IsComplete => _hasMaximum && _isRectified;

        public override long OutputValues => (long)_convolutions[^1].Filters * (_input.Height >> _convolutions.Count) * (_input.Width >> _convolutions.Count);

        public override long WorkingValues => FusedBlocks.WorkingValues(_input, _coordinates, _convolutions.Select(convolution => convolution.Filters));

        public void Add(int filters, WeightOf<float[]> weight)
        {
            _convolutions.Add((filters, weight));
            _scales.Add(null);
            (_hasMaximum, _isRectified) = (false, false);
        }

        public bool Scale(Func<(double[] Factors, double[] Terms)> scale)
        {
            if (_hasMaximum || _isRectified || _scales[^1] is not null)
                return false;
            _scales[^1] = scale;
            return true;
        }

        public bool Maximize() => !_hasMaximum && (_hasMaximum = true);

        public override bool Rectify() => !_isRectified && (_isRectified = true);

        public override RowsKernel Build() => new FusedBlocks(
            _input,
            _coordinates == 0 ? [] : CoordinateChannels.Of(_input.Height, _input.Width, _coordinates > 2),
            [.. _convolutions.Zip(_scales, (convolution, scale) => Folded(convolution.Weight, scale?.Invoke()))]).Embed;

        // One multiplication and one addition a filter less.
        private static (float[] Weights, float[] Biases) Folded(WeightOf<float[]> weight, (double[] Factors, double[] Terms)? scale)
        {
            float[] kernel = weight("weight"), biases = weight("bias");
            if (scale is not var (factors, terms))
                return (kernel, biases);
            int filterSize = kernel.Length / biases.Length;
            return (
                [.. kernel.Select((value, i) => (float)(value * factors[i / filterSize]))],
                [.. biases.Select((value, filter) => (float)((value * factors[filter]) + terms[filter]))]);
        }
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

    private sealed class RowByRow(long inputValues, long outputValues, RowKernel kernel) : Stage
    {
        public override long OutputValues => outputValues;

        public override long WorkingValues => 0;

        public override RowsKernel Build()
        {
            int inputs = checked((int)inputValues), size = checked((int)outputValues);
            return (rows, count, outputs) =>
            {
                for (int row = 0; row < count; row++)
                    kernel(rows.AsSpan(row * inputs, inputs), outputs.AsSpan(row * size, size));
            };
        }
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
}
