using System.Buffers;
using System.Globalization;
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
    private readonly Sizes _sizes;
    private readonly float[] _values;
    private readonly int _start;
    private readonly int _outputs;

    private SequenceLayers(Sizes sizes, int steps, float[] values, int start = 0) =>
        (_sizes, Steps, _values, _start, _outputs) = (sizes, steps, values, start, start + (sizes.InputDirections * steps * sizes.Input));

    /// <summary>N.</summary>
    public int Steps { get; }

    /// <summary>What a number of a step's vector is, in words.</summary>
    /// <param name="slot">Its place among those of both directions.</param>
    /// <param name="size">How many there are.</param>
    public static string SlotName(int slot, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{(slot < size / 2 ? "forward" : "backward")} {slot % (size / 2)}");

    /// <summary>Memory for a sequence.</summary>
    public static SequenceLayers Of(RecurrentStack stack, int steps)
    {
        Sizes sizes = Sizes.Of(stack);
        return new(sizes, steps, new float[sizes.ValuesOf(steps)]);
    }

    /// <summary>Gives the layers of sequences to a function, in memory that is used again afterwards.</summary>
    /// <param name="stack">The network.</param>
    /// <param name="steps">The length of each sequence.</param>
    /// <param name="use">Fills and reads them.</param>
    public static void Use(RecurrentStack stack, int[] steps, Action<SequenceLayers[]> use)
    {
        Sizes sizes = Sizes.Of(stack);
        float[] memory = ArrayPool<float>.Shared.Rent(checked(steps.Sum(sizes.ValuesOf)));
        var layers = new SequenceLayers[steps.Length];
        int start = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = new SequenceLayers(sizes, steps[i], memory, start);
            start += sizes.ValuesOf(steps[i]);
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
    public SequenceLayers Kept() => new(_sizes, Steps, _values[_start..(_start + _sizes.ValuesOf(Steps))]);

    /// <summary>All steps of a layer and direction, one after the other.</summary>
    public Span<float> All(int layer, int direction) => Part(layer, direction, 0, Steps);

    /// <summary>The vector of a layer and direction at a step.</summary>
    public Span<float> Step(int layer, int direction, int step) => Part(layer, direction, step, 1);

    /// <summary>The cells of a layer, from 0 without the input, after the last step of a direction.</summary>
    public Span<float> Cells(int layer, int direction)
    {
        int place = (layer * _sizes.Directions) + direction;
        return _values.AsSpan(_outputs + (_sizes.Layers * _sizes.Directions * Steps * _sizes.Output) + (place * _sizes.Units), _sizes.Units);
    }

    /// <summary>What all directions say of a token.</summary>
    /// <param name="layer">The layer, above the input.</param>
    /// <param name="token">The token, from 0.</param>
    /// <param name="marks">How many steps come before the first token in each direction.</param>
    /// <param name="vector">Receives the vectors of the directions, one after the other.</param>
    public void CopyToken(int layer, int token, int marks, Span<float> vector)
    {
        for (int direction = 0; direction < _sizes.Directions; direction++)
            Step(layer, direction, direction == 0 ? token + marks : Steps - 1 - token).CopyTo(vector[(direction * _sizes.Output)..]);
    }

    /// <summary>What a layer, from 0 without the input, reads at a step of a direction.</summary>
    public void CopyInput(int layer, int direction, int step, Span<float> vector)
    {
        int token = direction == 0 ? step : Steps - 1 - step;
        if (!_sizes.AreJoined)
            Step(layer, direction, step).CopyTo(vector);
        else if (layer == 0)
            Step(0, 0, token).CopyTo(vector);
        else
            CopyToken(layer, token, marks: 0, vector);
    }

    private Span<float> Part(int layer, int direction, int step, int count) => layer == 0
        ? _values.AsSpan(_start + (((direction * Steps) + step) * _sizes.Input), count * _sizes.Input)
        : _values.AsSpan(_outputs + ((((((layer - 1) * _sizes.Directions) + direction) * Steps) + step) * _sizes.Output), count * _sizes.Output);

    /// <summary>The sizes of a stack, which are asked for with every step.</summary>
    private sealed record Sizes(int Input, int Output, int Units, int Directions, int Layers, bool AreJoined)
    {
        public int InputDirections { get; } = AreJoined ? 1 : Directions;

        public static Sizes Of(RecurrentStack stack) =>
            new(stack.InputSize, stack.OutputSize, stack.Layers[0].Units, stack.Directions, stack.Layers.Count, stack.JoinsDirections);

        public int ValuesOf(int steps) => checked((steps * ((InputDirections * Input) + (Layers * Directions * Output))) + (Layers * Directions * Units));
    }
}
