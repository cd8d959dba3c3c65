using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>
/// Recurrent layers one above the other: what a network of sequences is. Its forms in torch, in a graph and in the CPU's kernels all come from here.
/// </summary>
/// <param name="InputSize">I, the length of the first layer's inputs.</param>
/// <param name="Layers">The layers, all with the same directions and outputs.</param>
/// <param name="JoinsDirections">Whether a layer reads what all directions of the one below it say; if not, each direction is a stack of its own.</param>
/// <param name="SkipConnections">Whether a layer's input is added to its output, from the second layer on.</param>
internal sealed record RecurrentStack(int InputSize, IReadOnlyList<Recurrent> Layers, bool JoinsDirections = false, bool SkipConnections = false)
{
    /// <summary>D.</summary>
    public int Directions => Layers[0].Directions;

    /// <summary>P, the length of a direction's output.</summary>
    public int OutputSize => Layers[0].OutputSize;

    /// <summary>The length of a layer's input.</summary>
    public int InputOf(int layer) => layer == 0 ? InputSize : JoinsDirections ? Directions * OutputSize : OutputSize;

    /// <summary>The weights with their names in the stack.</summary>
    public IEnumerable<LayerWeight> AllWeights() =>
        Layers.SelectMany((layer, i) => layer.Weights(InputOf(i)).Select(weight => weight with { Name = $"layers.{i}.{weight.Name}" }));

    /// <summary>Finds a layer's weights among those of the stack.</summary>
    public static WeightOf<T> Own<T>(WeightOf<T> weight, int layer) => name => weight($"layers.{layer}.{name}");

    /// <summary>Runs over a window.</summary>
    /// <param name="window">(T, B, I) where directions are joined; (D, T, B, I) otherwise, for each direction in its order.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="states">The states of all layers before it; null for zeros.</param>
    /// <param name="kept">(D, T, B, 1): 0 where a sequence begins and the states are forgotten, 1 elsewhere; null if none begins.</param>
    /// <param name="reverse">Reverses each sequence of (T, B, ...), where directions are joined.</param>
    /// <param name="dropout">What is dropped of each layer's input.</param>
    /// <returns>The output of every layer, (T, B, D · P) or (D, T, B, P), and the states after it.</returns>
    public (Tensor[] Outputs, RecurrentState[] States) Run(
        Tensor window,
        WeightOf<Tensor> weight,
        RecurrentState[]? states = null,
        Tensor? kept = null,
        Func<Tensor, Tensor>? reverse = null,
        DropoutNoise dropout = default)
    {
        var outputs = new Tensor[Layers.Count];
        var after = new RecurrentState[Layers.Count];
        Tensor input = window;
        for (int layer = 0; layer < outputs.Length; layer++)
        {
            Tensor dropped = dropout.Apply(input),
                read = !JoinsDirections ? dropped : Directions == 1 ? dropped.unsqueeze(0) : stack([dropped, reverse!(dropped)], 0);
            (Tensor output, after[layer]) = Layers[layer].Run(read, states?[layer] ?? Layers[layer].ZeroState(read), Own(weight, layer), kept);
            if (JoinsDirections)
                output = Directions == 1 ? output[0] : cat([output[0], reverse!(output[1])], 2);
            outputs[layer] = input = SkipConnections && layer > 0 ? output + dropped : output;
        }

        return (outputs, after);
    }

    /// <summary>What one step of a stack with one direction does, where a step's inputs are known only after the step before it.</summary>
    /// <param name="weight">The weights.</param>
    /// <param name="dropout">What is dropped of each layer's input, from the second on.</param>
    public StackStep Step(WeightOf<Tensor> weight, DropoutNoise dropout = default)
    {
        Func<Tensor, RecurrentState, RecurrentState>[] steps = [.. Layers.Select((layer, i) => layer.Step(Own(weight, i)))];
        return (gates, states) =>
        {
            var after = new RecurrentState[steps.Length];
            after[0] = steps[0](gates, states[0]);
            Tensor output = after[0].Hidden;
            for (int layer = 1; layer < steps.Length; layer++)
            {
                Tensor read = dropout.Apply(output);
                after[layer] = steps[layer](Layers[layer].InputGates(read.unsqueeze(0), Own(weight, layer))[0], states[layer]);
                output = SkipConnections ? after[layer].Hidden + read : after[layer].Hidden;
            }

            return (output, after);
        };
    }

    /// <summary>Adds the stack to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="sequences">(T, B, I) where directions are joined; (D, T, B, I) otherwise, for each direction in its order.</param>
    /// <param name="lengths">The lengths of the sequences, Int64 (B).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>The output of each layer, (T, B, D · P) or (D, T, B, P). What stands behind the end of a sequence has no meaning.</returns>
    public OnnxValue[] ToOnnx(OnnxGraph graph, OnnxValue sequences, OnnxValue lengths, WeightOf<OnnxValue> weight)
    {
        var outputs = new OnnxValue[Layers.Count];
        for (int layer = 0; layer < outputs.Length; layer++)
        {
            OnnxValue output = JoinsDirections
                ? Layers[layer].SequencesToOnnx(graph, sequences, lengths, Own(weight, layer))
                : Layers[layer].DirectionsToOnnx(graph, sequences, Own(weight, layer));
            outputs[layer] = sequences = SkipConnections && layer > 0 ? graph.Add(output, sequences) : output;
        }

        return outputs;
    }

    /// <summary>The kernels of each layer and direction.</summary>
    public RecurrentKernel[][] Kernels(WeightOf<float[]> weight) =>
        [.. Layers.Select((layer, i) => Enumerable.Range(0, Directions).Select(direction => layer.Kernel(Own(weight, i), direction)).ToArray())];

    /// <summary>
    /// Values that a step of a sequence needs while it is in the network: its input, all layers, the window of a layer's inputs and that of its outputs.
    /// </summary>
    public long ValuesOfAStep() =>
        ((JoinsDirections ? 1L : Directions) * InputSize) + (Layers.Count * (long)Directions * OutputSize) + Math.Max(InputSize, InputOf(1)) + OutputSize;

    /// <summary>Multiply-adds of a step of a sequence.</summary>
    public long WorkOfAStep() => AllWeights().Sum(weight => weight.Shape.Aggregate(1L, (product, length) => product * length));
}

/// <summary>One step of a stack with one direction.</summary>
/// <param name="gates">What the inputs add to the gates of the first layer, (1, B, gates): <see cref="Recurrent.InputGates"/>.</param>
/// <param name="states">The states of all layers before it.</param>
/// <returns>What the top layer says, (1, B, P), and the states after it.</returns>
internal delegate (Tensor Output, RecurrentState[] States) StackStep(Tensor gates, RecurrentState[] states);
