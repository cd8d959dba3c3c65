using System.Runtime.InteropServices;
using MLNet.Papers.Persistence;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Changes weights by their gradients.</summary>
/// <remarks>
/// Its tensors belong to the dispose scope that it is made in. It stands in place of TorchSharp's optimizers, whose steps hand libtorch numbers that nothing
/// keeps alive: where the garbage collector runs at that moment, as with several fits at once, it frees a number that is being read. Here each number lives
/// until the step is done.
/// </remarks>
internal abstract class NetworkOptimizer
{
    private readonly (string Name, Parameter Weight)[] _parameters;
    private readonly Tensor[][] _memories;
    private readonly bool[] _forgotten;
    private (double Scale, int[] Weights)[] _groups;

    /// <param name="weights">The weights, on their device.</param>
    /// <param name="initial">What each kind of memory of a weight begins with.</param>
    protected NetworkOptimizer(IReadOnlyList<(string Name, Parameter Weight)> weights, params double[] initial)
    {
        _parameters = [.. weights];
        _memories = [.. _parameters.Select(parameter => initial.Select(value => full_like(parameter.Weight, value, requires_grad: false)).ToArray())];
        _forgotten = new bool[_parameters.Length];
        _groups = [(1, [.. Enumerable.Range(0, _parameters.Length)])];
    }

    /// <summary>The step size.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>Gives each weight a step size of its own.</summary>
    /// <param name="scaleOf">What <see cref="LearningRate"/> is multiplied by for a weight, by its name.</param>
    public void ScaleRates(Func<string, double> scaleOf) => _groups =
    [
        .. Enumerable.Range(0, _parameters.Length).GroupBy(weight => scaleOf(_parameters[weight].Name)).Select(alike => (alike.Key, alike.ToArray())),
    ];

    /// <summary>Forgets the gradients. A weight that had one has a gradient of zeros until a loss gives it another.</summary>
    public void ZeroGradients()
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            Parameter weight = _parameters[i].Weight;
            using Tensor? gradient = weight.grad;
            if (gradient is null)
                continue;
            // Filled with zeros, it would be gone over twice: once now, and once where libtorch adds the next one instead of handing it over.
            weight.grad = null;
            _forgotten[i] = true;
        }
    }

    /// <summary>Takes a step.</summary>
    /// <exception cref="InvalidOperationException">
    /// A weight has no gradient: it takes no part in the loss, or was made where none is recorded, and would stay as it was drawn.
    /// </exception>
    public void Step()
    {
        Steps++;
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Numbers numbers = new();
        foreach ((double scale, int[] weights) in _groups)
        {
            Prepare(numbers, LearningRate * scale);
            foreach (int i in weights)
            {
                (string name, Parameter weight) = _parameters[i];
                Tensor gradient = weight.grad ?? (_forgotten[i]
                    ? zeros_like(weight)
                    : throw new InvalidOperationException($"The weight '{name}' has no gradient: it would never be learned."));
                Move(weight, gradient, _memories[i]);
            }
        }
    }

    /// <summary>Writes what the next steps depend on besides the weights.</summary>
    public void Write(ModelWriter writer, string prefix)
    {
        writer.WriteJson(prefix + "steps", Steps);
        using DisposeScope scope = NewDisposeScope();
        ForEachMemory((name, memory) => writer.Write<float>(prefix + name, memory.cpu().contiguous().data<float>().ToArray(), memory.shape));
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It was written by another optimizer, for other weights or after another number of steps.</exception>
    public void Read(ModelReader reader, string prefix, long steps)
    {
        Steps = reader.ReadJson<long>(prefix + "steps");
        if (Steps != steps)
            throw new FormatException($"Block '{prefix}steps' counts {Steps} steps, but the training {steps}.");
        using DisposeScope scope = NewDisposeScope();
        ForEachMemory((name, memory) => memory.copy_(tensor(reader.Read<float>(prefix + name, memory.shape), memory.shape)));
    }

    /// <summary>Makes the numbers of a step.</summary>
    /// <param name="numbers">What makes them.</param>
    /// <param name="rate">The step size of the weights that are moved next.</param>
    protected abstract void Prepare(Numbers numbers, double rate);

    /// <summary>Moves a weight.</summary>
    protected abstract void Move(Parameter weight, Tensor gradient, Tensor[] memories);

    /// <summary>Whether the values of tensors stand one after the other in the processor's memory, so that they can be gone over at once.</summary>
    protected static bool AreArrays(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            if (tensor.device_type != DeviceType.CPU || tensor.dtype != ScalarType.Float32 || tensor.NumberOfElements > Array.MaxLength / sizeof(float)
                || !tensor.is_contiguous())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The values of such a tensor.</summary>
    protected static Span<float> ArrayOf(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private void ForEachMemory(Action<string, Tensor> action)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            for (int j = 0; j < _memories[i].Length; j++)
                action(FormattableString.Invariant($"{i}.{j}"), _memories[i][j]);
        }
    }

    /// <summary>Numbers that live until a step is done.</summary>
    protected sealed class Numbers : IDisposable
    {
        private readonly List<Scalar> _scalars = [];

        public Scalar Of(double value)
        {
            Scalar scalar = value;
            _scalars.Add(scalar);
            return scalar;
        }

        public void Dispose() => _scalars.ForEach(scalar => scalar.Dispose());
    }
}
