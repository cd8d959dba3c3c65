using System.Numerics.Tensors;
using MLNet.Papers.Layers;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Networks;

/// <summary>A stack of recurrent layers in the form that scores: no gradients, safe to share between threads. Every sequence begins from zero states.</summary>
internal abstract class SequenceScorer(RecurrentStack stack) : IScorer
{
    /// <summary>Values that a step of a sequence needs while it is in the network.</summary>
    public long ValuesOfAStep { get; } = stack.ValuesOfAStep();

    /// <summary>Multiply-adds of a step of a sequence.</summary>
    public long WorkOfAStep { get; } = stack.WorkOfAStep();

    protected RecurrentStack Stack { get; } = stack;

    /// <summary>Makes the scoring form of a stack for a device.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="weights">Its weights, and maybe others.</param>
    /// <param name="device">The device.</param>
    public static SequenceScorer Create(RecurrentStack stack, NetworkWeights weights, TorchDevice device) =>
        device.IsCpu ? new KernelSequenceScorer(stack, weights) : new TorchSequenceScorer(stack, weights, device);

    /// <summary>Runs sequences side by side.</summary>
    /// <param name="sequences">Their inputs, which are there; and their layers, which are written. The longest comes first.</param>
    public abstract void Run(SequenceLayers[] sequences);

    /// <inheritdoc/>
    public abstract bool IsNative { get; }

    public abstract void Dispose();
}

/// <summary>On a CPU, by kernels of our own: values do not depend on what else is scored.</summary>
internal sealed class KernelSequenceScorer(RecurrentStack stack, NetworkWeights weights) : SequenceScorer(stack)
{
    private readonly RecurrentKernel[][] _layers = stack.Kernels(name => weights[name]);

    public override bool IsNative => false;

    public override void Run(SequenceLayers[] sequences)
    {
        var packed = new PackedSequences(Array.ConvertAll(sequences, sequence => sequence.Steps));
        int outputSize = Stack.OutputSize, units = Stack.Layers[0].Units;
        using var input = new Scratch(checked(packed.Total * Math.Max(Stack.InputSize, Stack.InputOf(1))));
        using var output = new Scratch(checked(packed.Total * outputSize));
        using var cells = new Scratch(sequences.Length * units);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            int inputSize = Stack.InputOf(layer);
            for (int direction = 0; direction < Stack.Directions; direction++)
            {
                for (int step = 0; step < packed.Steps; step++)
                {
                    for (int row = 0; row < packed.Active(step); row++)
                        sequences[row].CopyInput(layer, direction, step, input.Span.Slice((packed.Offset(step) + row) * inputSize, inputSize));
                }

                _layers[layer][direction].Run(packed, input.Span, output.Span, cells.Span);
                if (Stack.SkipConnections && layer > 0)
                    TensorPrimitives.Add(output.Span[..(packed.Total * outputSize)], input.Span[..(packed.Total * outputSize)], output.Span);
                for (int step = 0; step < packed.Steps; step++)
                {
                    for (int row = 0; row < packed.Active(step); row++)
                        output.Span.Slice((packed.Offset(step) + row) * outputSize, outputSize).CopyTo(sequences[row].Step(layer + 1, direction, step));
                }

                for (int row = 0; row < sequences.Length; row++)
                    cells.Span.Slice(row * units, units).CopyTo(sequences[row].Cells(layer, direction));
            }
        }
    }

    public override void Dispose()
    {
    }
}

/// <summary>On a GPU, by torch.</summary>
internal sealed class TorchSequenceScorer : SequenceScorer
{
    private readonly Dictionary<string, Tensor> _weights;
    private readonly Device _device;

    public TorchSequenceScorer(RecurrentStack stack, NetworkWeights weights, Device device)
        : base(stack)
    {
        _device = device;
        _weights = TorchScorer.Weights(stack.AllWeights(), weights, device);
    }

    public override bool IsNative => true;

    public override void Run(SequenceLayers[] sequences)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        int rows = sequences.Length, inputDirections = Stack.JoinsDirections ? 1 : Stack.Directions;
        var batch = new RightAlignedBatch(Array.ConvertAll(sequences, sequence => sequence.Steps), Stack.Directions, _device);
        float[] input = new float[checked(inputDirections * batch.Steps * rows * Stack.InputSize)];
        Visit((row, direction, step, place) => sequences[row].Step(0, direction, step).CopyTo(input.AsSpan(place * Stack.InputSize)), inputDirections);
        Tensor window = tensor(input, [inputDirections, batch.Steps, rows, Stack.InputSize]).clone().to(_device);
        (Tensor[] outputs, RecurrentState[] states) = Stack.Run(
            Stack.JoinsDirections ? window[0] : window, name => _weights[name], null, batch.Kept, batch.Reverse);
        for (int layer = 0; layer < outputs.Length; layer++)
        {
            // (T, B, D · P), the second direction's steps in reverse, or (D, T, B, P).
            float[] values = Values(outputs[layer]);
            Visit((row, direction, step, place) =>
            {
                int first = !Stack.JoinsDirections ? place * Stack.OutputSize
                    : ((batch.Place(row, direction == 0 ? step : sequences[row].Steps - 1 - step) * Stack.Directions) + direction) * Stack.OutputSize;
                values.AsSpan(first, Stack.OutputSize).CopyTo(sequences[row].Step(layer + 1, direction, step));
            }, Stack.Directions);
            float[] cells = Values(states[layer].Cell);
            int units = Stack.Layers[0].Units;
            for (int row = 0; row < rows; row++)
            {
                for (int direction = 0; direction < Stack.Directions; direction++)
                    cells.AsSpan(((direction * rows) + row) * units, units).CopyTo(sequences[row].Cells(layer, direction));
            }
        }

        void Visit(Action<int, int, int, int> visit, int directions)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int direction = 0; direction < directions; direction++)
                {
                    for (int step = 0; step < sequences[row].Steps; step++)
                        visit(row, direction, step, (direction * batch.Steps * rows) + batch.Place(row, step));
                }
            }
        }
    }

    public override void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }

    private static float[] Values(Tensor values) => values.cpu().contiguous().data<float>().ToArray();
}
