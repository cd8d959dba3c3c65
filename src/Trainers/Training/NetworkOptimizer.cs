using MLNet.Papers.Persistence;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Changes the weights of a network by their gradients.</summary>
/// <remarks>
/// In place of TorchSharp's optimizers, whose steps hand libtorch numbers that nothing keeps alive: where the garbage collector runs at that moment, as with several fits at once, it
/// frees a number that is being read. Here each number lives until the step is done.
/// </remarks>
internal abstract class NetworkOptimizer : IDisposable
{
    private readonly (string Name, Parameter Weight)[] _parameters;
    private readonly Tensor[][] _memories;

    /// <param name="network">The network, on its device.</param>
    /// <param name="initial">What each kind of memory of a weight begins with.</param>
    protected NetworkOptimizer(nn.Module network, params double[] initial)
    {
        _parameters = [.. network.named_parameters()];
        using DisposeScope scope = NewDisposeScope();
        _memories = [.. _parameters.Select(parameter => initial.Select(value => full_like(parameter.Weight, value, requires_grad: false).DetachFromDisposeScope()).ToArray())];
    }

    /// <summary>The step size.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach ((_, Parameter weight) in _parameters)
        {
            using Tensor? gradient = weight.grad;
            gradient?.zero_();
        }
    }

    /// <summary>Takes a step.</summary>
    /// <exception cref="InvalidOperationException">A weight has no gradient: it takes no part in the loss, or was made where none is recorded, and would stay as it was drawn.</exception>
    public void Step()
    {
        Steps++;
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Numbers numbers = new();
        Prepare(numbers);
        for (int i = 0; i < _parameters.Length; i++)
        {
            (string name, Parameter weight) = _parameters[i];
            Tensor gradient = weight.grad ?? throw new InvalidOperationException($"The weight '{name}' has no gradient: it would never be learned.");
            Move(weight, gradient, _memories[i]);
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
    /// <exception cref="FormatException">It was written by another optimizer, for another network or after another number of steps.</exception>
    public void Read(ModelReader reader, string prefix, long steps)
    {
        Steps = reader.ReadJson<long>(prefix + "steps");
        if (Steps != steps)
            throw new FormatException($"Block '{prefix}steps' counts {Steps} steps, but the training {steps}.");
        using DisposeScope scope = NewDisposeScope();
        ForEachMemory((name, memory) => memory.copy_(tensor(reader.Read<float>(prefix + name, memory.shape), memory.shape)));
    }

    public void Dispose()
    {
        foreach (Tensor memory in _memories.SelectMany(memories => memories))
            memory.Dispose();
    }

    /// <summary>Makes the numbers of a step.</summary>
    protected abstract void Prepare(Numbers numbers);

    /// <summary>Moves a weight.</summary>
    protected abstract void Move(Parameter weight, Tensor gradient, Tensor[] memories);

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

/// <summary>Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.</summary>
internal sealed class AdamOptimizer(nn.Module network, double beta2) : NetworkOptimizer(network, 0, 0)
{
    private const double Beta1 = 0.9;
    private const double Epsilon = 1e-8;

    private Scalar _keptMean = null!;
    private Scalar _addedMean = null!;
    private Scalar _keptSquare = null!;
    private Scalar _addedSquare = null!;
    private Scalar _squareScale = null!;
    private Scalar _epsilon = null!;
    private Scalar _step = null!;

    protected override void Prepare(Numbers numbers)
    {
        (_keptMean, _addedMean) = (numbers.Of(Beta1), numbers.Of(1 - Beta1));
        (_keptSquare, _addedSquare) = (numbers.Of(beta2), numbers.Of(1 - beta2));
        _squareScale = numbers.Of(Math.Sqrt(1 - Math.Pow(beta2, Steps)));
        _epsilon = numbers.Of(Epsilon);
        _step = numbers.Of(-LearningRate / (1 - Math.Pow(Beta1, Steps)));
    }

    protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
    {
        (Tensor mean, Tensor square) = (memories[0], memories[1]);
        mean.mul_(_keptMean).add_(gradient, _addedMean);
        square.mul_(_keptSquare).addcmul_(gradient, gradient, _addedSquare);
        weight.addcdiv_(mean, square.sqrt().div_(_squareScale).add_(_epsilon), _step);
    }
}

/// <summary>Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12, 2011, with sums that begin at 1.</summary>
internal sealed class AdagradOptimizer(nn.Module network) : NetworkOptimizer(network, 1)
{
    private const double Epsilon = 1e-10;

    private Scalar _one = null!;
    private Scalar _epsilon = null!;
    private Scalar _step = null!;

    protected override void Prepare(Numbers numbers) => (_one, _epsilon, _step) = (numbers.Of(1), numbers.Of(Epsilon), numbers.Of(-LearningRate));

    protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
    {
        memories[0].addcmul_(gradient, gradient, _one);
        weight.addcdiv_(gradient, memories[0].sqrt().add_(_epsilon), _step);
    }
}

/// <summary>Stochastic gradient descent; with momentum the step goes along the sum of all gradients, each the weaker the longer ago it was.</summary>
internal sealed class GradientDescent(nn.Module network, double momentum) : NetworkOptimizer(network, momentum > 0 ? [0] : [])
{
    private Scalar _kept = null!;
    private Scalar _one = null!;
    private Scalar _step = null!;

    protected override void Prepare(Numbers numbers) => (_kept, _one, _step) = (numbers.Of(momentum), numbers.Of(1), numbers.Of(-LearningRate));

    protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
    {
        Tensor direction = memories.Length == 0 ? gradient : memories[0].mul_(_kept).add_(gradient, _one);
        weight.add_(direction, _step);
    }
}
