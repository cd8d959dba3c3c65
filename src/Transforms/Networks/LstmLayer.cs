using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>What an LSTM layer is made of.</summary>
/// <param name="Directions">D: independent copies of the layer that run at the same time.</param>
/// <param name="InputSize">I.</param>
/// <param name="CellSize">C.</param>
/// <param name="OutputSize">P; where it is not C, the output is projected.</param>
/// <param name="CellClip">The greatest magnitude of a cell; 0 for no bound.</param>
/// <param name="OutputClip">The greatest magnitude of a projected output; 0 for no bound.</param>
internal sealed partial record LstmShape(int Directions, int InputSize, int CellSize, int OutputSize, double CellClip = 0, double OutputClip = 0)
{
    public bool IsProjected => CellSize != OutputSize;

    /// <summary>Names and shapes of the weights, the gates in the order input, forget, output, candidate.</summary>
    public IEnumerable<(string Name, long[] Shape)> Weights()
    {
        yield return ("input", [Directions, InputSize, 4L * CellSize]);
        yield return ("recurrent", [Directions, OutputSize, 4L * CellSize]);
        yield return ("bias", [Directions, 1, 4L * CellSize]);
        if (IsProjected)
            yield return ("projection", [Directions, CellSize, OutputSize]);
    }
}

/// <summary>The states of a layer's directions for B sequences.</summary>
/// <param name="Hidden">(D, B, P).</param>
/// <param name="Cell">(D, B, C).</param>
internal sealed record LstmState(Tensor Hidden, Tensor Cell);

/// <summary>An LSTM layer with clipped cells and projected output, whose directions run side by side (Sak, Senior and Beaufays 2014).</summary>
/// <remarks>
/// libtorch's own LSTM clips nothing, hence this one. All inputs of a window are multiplied at once, and one step of all directions is one batched product.
/// </remarks>
internal sealed class LstmLayer : nn.Module
{
    // Held, since nothing else keeps a number alive while libtorch reads it.
    private static readonly Scalar One = 1;

    private readonly Scalar[] _cellBounds;
    private readonly Scalar[] _outputBounds;
    private readonly Parameter input;
    private readonly Parameter recurrent;
    private readonly Parameter bias;
    private readonly Parameter? projection;

    public LstmLayer(LstmShape shape)
        : base(nameof(LstmLayer))
    {
        Shape = shape;
        (_cellBounds, _outputBounds) = ([-shape.CellClip, shape.CellClip], [-shape.OutputClip, shape.OutputClip]);
        (int directions, int inputs, int cells, int outputs, _, _) = shape;
        input = Glorot(directions, inputs, 4 * cells, fan: inputs + outputs);
        recurrent = Glorot(directions, outputs, 4 * cells, fan: inputs + outputs);
        using (Tensor forget = zeros(directions, 1, 4 * cells))
        {
            // So that cells remember from the start (Gers et al. 2000).
            forget.narrow(2, cells, cells).fill_(1);
            bias = new Parameter(forget.clone().DetachFromDisposeScope());
        }

        if (shape.IsProjected)
            projection = Glorot(directions, cells, outputs, fan: cells);
        RegisterComponents();
    }

    public LstmShape Shape { get; }

    /// <summary>Multiplies the weights of the input.</summary>
    public void ScaleInput(double factor)
    {
        using Scalar scalar = factor;
        using IDisposable noGradient = no_grad();
        input.mul_(scalar);
    }

    /// <summary>The state before a sequence: zeros.</summary>
    public LstmState ZeroState(long sequences) =>
        new(Zeros(sequences, Shape.OutputSize), Zeros(sequences, Shape.CellSize));

    /// <summary>Runs over a window.</summary>
    /// <param name="window">(D, T, B, I).</param>
    /// <param name="state">The state before it.</param>
    /// <param name="kept">(D, T, B, 1): 0 where a sequence begins, which is then from zero states, and 1 elsewhere; null if none begins.</param>
    /// <returns>The outputs (D, T, B, P) and the state after it.</returns>
    public (Tensor Outputs, LstmState State) Run(Tensor window, LstmState state, Tensor? kept = null)
    {
        Tensor[] inputs = InputGates(window);
        Tensor[]? keep = kept?.unbind(1);
        var outputs = new Tensor[inputs.Length];
        for (int step = 0; step < inputs.Length; step++)
        {
            state = Step(inputs[step], keep is null ? state : new LstmState(state.Hidden * keep[step], state.Cell * keep[step]));
            outputs[step] = state.Hidden;
        }

        return (stack(outputs, 1), state);
    }

    /// <summary>What a window's inputs add to the gates, for all steps at once.</summary>
    /// <param name="window">(D, T, B, I).</param>
    /// <returns>(D, B, 4C) for each step.</returns>
    public Tensor[] InputGates(Tensor window)
    {
        long steps = window.shape[1], sequences = window.shape[2];
        Tensor gates = baddbmm(window.reshape(Shape.Directions, steps * sequences, Shape.InputSize), input, bias, 1, 1);
        return gates.view(Shape.Directions, steps, sequences, 4L * Shape.CellSize).unbind(1);
    }

    /// <summary>Takes one step.</summary>
    /// <param name="inputGates">(D, B, 4C): what the inputs add to the gates.</param>
    /// <param name="state">The state before it.</param>
    /// <returns>The state after it, whose hidden values are the layer's output.</returns>
    public LstmState Step(Tensor inputGates, LstmState state)
    {
        int cells = Shape.CellSize;
        Tensor all = baddbmm(state.Hidden, recurrent, inputGates, 1, 1);  // (D, B, 4C)
        Tensor[] parts = all.split([3 * cells, cells], 2), open = parts[0].sigmoid().chunk(3, 2);
        Tensor candidate = parts[1].tanh();
        Tensor cell = Clip((open[1] * state.Cell).addcmul(open[0], candidate, One), _cellBounds);
        Tensor emitted = open[2] * cell.tanh();
        return new LstmState(projection is null ? emitted : Clip(bmm(emitted, projection), _outputBounds), cell);
    }

    private Tensor Zeros(long sequences, int size) => zeros([Shape.Directions, sequences, size], bias.dtype, bias.device);

    private static Tensor Clip(Tensor values, Scalar[] bounds) => bounds[1].ToDouble() > 0 ? values.clamp(bounds[0], bounds[1]) : values;

    private static Parameter Glorot(int directions, int rows, int columns, int fan)
    {
        double bound = Math.Sqrt(6.0 / (fan + columns));
        return new Parameter(empty(directions, rows, columns).uniform_(-bound, bound).DetachFromDisposeScope());
    }
}
