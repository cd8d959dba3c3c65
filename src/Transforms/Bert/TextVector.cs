using System.Numerics.Tensors;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Texts;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Bert;

/// <summary>
/// How the top layer's vectors of a text's pieces become the one that a task reads, in training, in scoring and in a graph. Of the first piece, [CLS], it is
/// what the pooler says of it, where the network has one.
/// </summary>
/// <param name="Encoder">The network.</param>
/// <param name="Pooling">Which vector.</param>
internal sealed record TextVector(BertArchitecture Encoder, Pooling Pooling)
{
    /// <summary>The length of the vector.</summary>
    public int Size => (Pooling == Pooling.FirstLast ? 2 : 1) * Encoder.HiddenSize;

    /// <summary>What is wrong with a layer that reads the vector, or null.</summary>
    public string? FindFault(LinearHead head) => head.Architecture.Size == Size
        ? null
        : $"Block 'head' reads vectors of {head.Architecture.Size} numbers, but a text has {Size}.";

    /// <summary>Whether the vector is what the pooler says.</summary>
    public bool ReadsPooler => Encoder.HasPooler && Pooling == Pooling.First;

    /// <summary>The vectors of texts in torch.</summary>
    /// <param name="top">(B, T, H).</param>
    /// <param name="present">Bool (B, T): whether a text has such a place; null where all texts have all places.</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, size).</returns>
    public Tensor Of(Tensor top, Tensor? present, WeightOf<Tensor> weight)
    {
        Tensor? own = present?.unsqueeze(2);
        switch (Pooling)
        {
            case Pooling.Mean when own is not null:
                return (top * own).sum(1) / own.sum(1);
            case Pooling.Mean:
                return top.mean([1]);
            case Pooling.Max:
                using (Scalar never = float.NegativeInfinity)
                    return (own is null ? top : top.masked_fill(own.logical_not(), never)).amax(1);
            case Pooling.FirstLast:
                Tensor last = own is null ? top.select(1, -1) : top.gather(1, (own.sum(1, keepdim: true) - 1).expand(-1, 1, Encoder.HiddenSize)).squeeze(1);
                return cat([top.select(1, 0), last], 1);
            default:
                return ReadsPooler ? BertArchitecture.Pool(top, weight) : top.select(1, 0);
        }
    }

    /// <summary>The vectors of texts in a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="top">(B, T, H).</param>
    /// <param name="lengths">How many pieces each text has, Int64 (B).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, size).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue top, OnnxValue lengths, WeightOf<OnnxValue> weight) => ReadsPooler
        ? BertArchitecture.PoolToOnnx(graph, top, weight)
        : TokenVectorColumns.PoolInOnnx(graph, top, lengths, Pooling).Pooled;

    /// <summary>What computes the vector of a text on a CPU; threads may share it.</summary>
    /// <param name="weight">The weights.</param>
    public TextVectorKernel Kernel(WeightOf<float[]> weight)
    {
        int size = Encoder.HiddenSize;
        if (ReadsPooler)
        {
            BertPooler pooler = BertArchitecture.PoolKernel(weight);
            return (top, vector) => pooler.Run(top, 1, vector);
        }

        Pooling pooling = Pooling;
        return (top, vector) =>
        {
            top[..size].CopyTo(vector);
            if (pooling == Pooling.FirstLast)
                top[^size..].CopyTo(vector[size..]);
            if (pooling is not (Pooling.Mean or Pooling.Max))
                return;
            for (int place = size; place < top.Length; place += size)
            {
                if (pooling == Pooling.Mean)
                    TensorPrimitives.Add(vector, top.Slice(place, size), vector);
                else
                    TensorPrimitives.Max(vector, top.Slice(place, size), vector);
            }

            if (pooling == Pooling.Mean)
                TensorPrimitives.Divide(vector, top.Length / size, vector);
        };
    }
}

/// <summary>Computes the vector of a text.</summary>
/// <param name="top">The top layer's vectors of its pieces, one after the other.</param>
/// <param name="vector">Room for it.</param>
internal delegate void TextVectorKernel(ReadOnlySpan<float> top, Span<float> vector);
