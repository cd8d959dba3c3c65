using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Distillation;

/// <summary>Minibatches of some of the rows: features (B, D), and targets (B, 2·K): the probabilities, and the labels one-hot.</summary>
internal sealed class StudentBatches(StudentRows rows, int[] numbers, Device device, bool permutes = false) : MinibatchSource(device)
{
    private float[] _features = [];
    private float[] _targets = [];

    public override int Count => numbers.Length;

    public override int Size => rows.Size;

    public override (Tensor Inputs, Tensor Targets) Draw(ReadOnlySpan<long> drawn, Random random)
    {
        int size = rows.Size, classes = rows.Classes;
        if (_features.Length < drawn.Length * size)
            (_features, _targets) = (new float[drawn.Length * size], new float[drawn.Length * 2 * classes]);
        for (int i = 0; i < drawn.Length; i++)
        {
            int row = numbers[drawn[i]], label = rows.ClassOf(row);
            Span<float> target = _targets.AsSpan(i * 2 * classes, 2 * classes), probabilities = target[..classes];
            rows.ReadFeatures(row, _features.AsSpan(i * size, size));
            rows.ReadProbabilities(row, probabilities);
            if (permutes)
                SoftTargets.Permute(probabilities, random);
            target[classes..].Clear();
            if (label >= 0)
                target[classes + label] = 1;
        }

        return (ToDevice(_features, drawn.Length, size), ToDevice(_targets, drawn.Length, 2 * classes));
    }

    public override ulong Hash() => rows.Hash(numbers);
}
