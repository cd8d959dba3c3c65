using System.Buffers;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>
/// What a stack is given and gives for one sequence of N steps: in each layer and direction a vector of each step, layer 0 being the input, and the cells after
/// the last step.
/// </summary>
/// <remarks>
/// Steps are counted in the order of the direction: backward, step 0 is the last token. Where directions are joined there is one input, in forward order.
/// </remarks>
internal sealed class SequenceLayers
{
    private readonly RecurrentStack _stack;
    private readonly float[] _values;
    private readonly int _start;

    private SequenceLayers(RecurrentStack stack, int steps, float[] values, int start = 0) => (_stack, Steps, _values, _start) = (stack, steps, values, start);

    /// <summary>N.</summary>
    public int Steps { get; }

    private Span<float> Values => _values.AsSpan(_start, ValuesOf(_stack, Steps));

    private int InputDirections => _stack.JoinsDirections ? 1 : _stack.Directions;

    private int OutputValues => Steps * _stack.OutputSize;

    /// <summary>Memory for a sequence.</summary>
    public static SequenceLayers Of(RecurrentStack stack, int steps) => new(stack, steps, new float[ValuesOf(stack, steps)]);

    /// <summary>Gives the layers of sequences to a function, in memory that is used again afterwards.</summary>
    /// <param name="stack">The network.</param>
    /// <param name="steps">The length of each sequence.</param>
    /// <param name="use">Fills and reads them.</param>
    public static void Use(RecurrentStack stack, int[] steps, Action<SequenceLayers[]> use)
    {
        float[] memory = ArrayPool<float>.Shared.Rent(checked(steps.Sum(count => ValuesOf(stack, count))));
        var layers = new SequenceLayers[steps.Length];
        int start = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = new SequenceLayers(stack, steps[i], memory, start);
            start += ValuesOf(stack, steps[i]);
        }

        try
        {
            use(layers);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(memory);
        }
    }

    /// <summary>The same in memory of its own.</summary>
    public SequenceLayers Kept() => new(_stack, Steps, Values.ToArray());

    /// <summary>All steps of a layer and direction, one after the other.</summary>
    public Span<float> All(int layer, int direction) => layer == 0
        ? Values.Slice(direction * Steps * _stack.InputSize, Steps * _stack.InputSize)
        : Values.Slice((InputDirections * Steps * _stack.InputSize) + ((((layer - 1) * _stack.Directions) + direction) * OutputValues), OutputValues);

    /// <summary>The vector of a layer and direction at a step.</summary>
    public Span<float> Step(int layer, int direction, int step)
    {
        int size = layer == 0 ? _stack.InputSize : _stack.OutputSize;
        return All(layer, direction).Slice(step * size, size);
    }

    /// <summary>The cells of a layer, from 0 without the input, after the last step of a direction.</summary>
    public Span<float> Cells(int layer, int direction)
    {
        int units = _stack.Layers[0].Units, place = (layer * _stack.Directions) + direction;
        return Values[(ValuesOf(_stack, Steps) - (_stack.Layers.Count * _stack.Directions * units) + (place * units))..][..units];
    }

    /// <summary>What all directions say of a token.</summary>
    /// <param name="layer">The layer, above the input.</param>
    /// <param name="token">The token, from 0.</param>
    /// <param name="marks">How many steps come before the first token in each direction.</param>
    /// <param name="vector">Receives the vectors of the directions, one after the other.</param>
    public void CopyToken(int layer, int token, int marks, Span<float> vector)
    {
        for (int direction = 0; direction < _stack.Directions; direction++)
        {
            Span<float> own = Step(layer, direction, direction == 0 ? token + marks : Steps - 1 - token);
            own.CopyTo(vector);
            vector = vector[own.Length..];
        }
    }

    /// <summary>What a layer, from 0 without the input, reads at a step of a direction.</summary>
    public void CopyInput(int layer, int direction, int step, Span<float> vector)
    {
        if (!_stack.JoinsDirections)
            Step(layer, direction, step).CopyTo(vector);
        else if (layer == 0)
            Step(0, 0, direction == 0 ? step : Steps - 1 - step).CopyTo(vector);
        else
            CopyToken(layer, direction == 0 ? step : Steps - 1 - step, marks: 0, vector);
    }

    private static int ValuesOf(RecurrentStack stack, int steps) => checked(
        (steps * (((stack.JoinsDirections ? 1 : stack.Directions) * stack.InputSize) + (stack.Layers.Count * stack.Directions * stack.OutputSize)))
        + (stack.Layers.Count * stack.Directions * stack.Layers[0].Units));
}
