using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>Equation 2 of <see cref="Prototypes"/> for one embedding at a time, as the linear classifier of section 2.3.</summary>
internal sealed class PrototypeClassifier
{
    private readonly Distance _distance;
    private readonly int _size;
    private readonly float[] _centre;
    private readonly float[] _weights;
    private readonly float[] _biases;
    private readonly FusedDense _logits;
    private readonly int[] _classes;
    private readonly float _inverseTemperature;
    private readonly int _classCount;

    /// <param name="prototypes">One prototype a class; null for a class that has no examples, whose probability is 0.</param>
    /// <param name="size">M, the length of an embedding.</param>
    /// <param name="distance">The distance d.</param>
    /// <param name="temperature">What distances are divided by; 1 in the paper.</param>
    public PrototypeClassifier(IReadOnlyList<float[]?> prototypes, int size, Distance distance, double temperature = 1)
    {
        _inverseTemperature = (float)(1 / temperature);
        _distance = distance;
        _size = size;
        _classCount = prototypes.Count;
        _classes = [.. Enumerable.Range(0, prototypes.Count).Where(index => prototypes[index] is not null)];
        _centre = new float[size];
        _weights = new float[_classes.Length * size];
        _biases = new float[_classes.Length];
        if (distance == Distance.SquaredEuclidean)
        {
            double[] sums = new double[size];
            foreach (int index in _classes)
            {
                for (int i = 0; i < size; i++)
                    sums[i] += prototypes[index]![i];
            }

            for (int i = 0; i < size; i++)
                _centre[i] = (float)(sums[i] / _classes.Length);
        }

        for (int k = 0; k < _classes.Length; k++)
        {
            Span<float> weight = _weights.AsSpan(k * size, size);
            TensorPrimitives.Subtract(prototypes[_classes[k]], _centre, weight);
            if (distance == Distance.SquaredEuclidean)
            {
                _biases[k] = -TensorPrimitives.SumOfSquares<float>(weight);
                TensorPrimitives.Multiply(weight, 2f, weight);
            }
            else
            {
                Normalize(weight);
                _biases[k] = -1;
            }
        }

        _logits = new FusedDense(_weights, _biases, rectify: false);
    }

    /// <summary>Writes p(y = k | x) for every class, in class order.</summary>
    /// <param name="embedding">M values; overwritten.</param>
    /// <param name="probabilities">One value a class; all NaN if the embedding is not finite.</param>
    /// <returns>The key of the most probable class, from 1; 0 (missing) if the embedding is not finite.</returns>
    public uint Classify(Span<float> embedding, Span<float> probabilities)
    {
        int padded = _logits.OutputStride;
        Span<float> room = padded <= 1024 ? stackalloc float[padded] : new float[padded], logits = room[.._classes.Length];
        if (_distance == Distance.SquaredEuclidean)
            TensorPrimitives.Subtract(embedding, _centre, embedding);
        else
            Normalize(embedding);
        _logits.Run(embedding, _size, rows: 1, room);
        int nearest = TensorPrimitives.IndexOfMax<float>(logits);  // that of the first NaN, where there is one
        float largest = logits[nearest];
        if (!float.IsFinite(largest))
        {
            probabilities[.._classCount].Fill(float.NaN);
            return 0;
        }

        TensorPrimitives.Subtract(logits, largest, logits);
        TensorPrimitives.Multiply(logits, _inverseTemperature, logits);
        TensorPrimitives.Exp(logits, logits);
        TensorPrimitives.Divide(logits, TensorPrimitives.Sum<float>(logits), logits);
        if (logits.Length < _classCount)
            probabilities.Clear();
        for (int k = 0; k < logits.Length; k++)
            probabilities[_classes[k]] = logits[k];
        return (uint)_classes[nearest] + 1;
    }

    /// <summary>Adds the same to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="embeddings">(B, M).</param>
    /// <returns>(B, classes).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue embeddings)
    {
        OnnxValue compared = _distance == Distance.SquaredEuclidean
            ? graph.Subtract(embeddings, graph.Weight("centre", [_size], () => _centre))
            : NormalizeInOnnx(graph, embeddings);
        OnnxValue weights = graph.Weight("prototypes", [_classes.Length, _size], () => _weights);
        OnnxValue biases = graph.Weight("prototypes/bias", [_classes.Length], () => _biases);
        OnnxValue probabilities = graph.Softmax(graph.Multiply(graph.Linear(compared, weights, biases), graph.Number(_inverseTemperature)));
        if (_classes.Length == _classCount)
            return probabilities;

        // Every class takes its probability from its place; those without examples take the 0 that is put behind the others.
        OnnxValue padded = graph.Node("Pad", [probabilities, graph.Integers(0, 0, 0, 1)]);
        long[] places = new long[_classCount];
        Array.Fill(places, _classes.Length);
        for (int k = 0; k < _classes.Length; k++)
            places[_classes[k]] = k;
        return graph.Node("Gather", [padded, graph.Integers(places)], ("axis", 1L));
    }

    // As below; a vector of length 0 is divided by the smallest normal number.
    private static OnnxValue NormalizeInOnnx(OnnxGraph graph, OnnxValue vectors)
    {
        OnnxValue smallest = graph.Number(1.17549435e-38f), largest = graph.Greatest(graph.Node("Abs", [vectors]), axis: 1, keepsAxis: true);
        OnnxValue bounded = graph.Divide(vectors, graph.Maximum(largest, smallest));
        OnnxValue length = graph.Node("Sqrt", [graph.Sum(graph.Multiply(bounded, bounded), axis: 1, keepsAxis: true)]);
        return graph.Divide(bounded, graph.Maximum(length, smallest));
    }

    private static void Normalize(Span<float> vector)
    {
        // Divided by the largest value first: squares of what is left neither run over nor vanish.
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude<float>(vector));
        if (largest > 0)
        {
            TensorPrimitives.Divide(vector, largest, vector);
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        }
    }
}
