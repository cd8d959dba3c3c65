using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>What a state of a recurrent network attends to in torch: the vectors of B sequences side by side.</summary>
/// <param name="Values">(B, N, P): H.</param>
/// <param name="Keys">(B, P, N): H W_1.</param>
/// <param name="Blocked">(B, 1, N): minus infinity on padding, 0 elsewhere; null for no padding.</param>
internal sealed record AttentionMemory(Tensor Values, Tensor Keys, Tensor? Blocked)
{
    /// <summary>The memory of some of the sequences.</summary>
    /// <param name="sequences">Their numbers, Int64.</param>
    public AttentionMemory Of(Tensor sequences) =>
        new(Values.index_select(0, sequences), Keys.index_select(0, sequences), Blocked?.index_select(0, sequences));
}

/// <summary>
/// A state h attends to a memory H of N vectors: alpha = softmax(H W_1 h), h~ = tanh(W_2 [H^T alpha; h]).
/// </summary>
/// <remarks>
/// Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine Translation", EMNLP 2015, arXiv:1508.04025, section 3.1: global attention
/// with their score "general". In McCann et al. 2017 it is equations 3 and 4.
/// </remarks>
/// <param name="Size">P, the length of a state, of a vector of the memory and of h~.</param>
internal sealed record MemoryAttention(int Size)
{
    /// <summary>W_1 and W_2.</summary>
    public IEnumerable<LayerWeight> AllWeights() =>
        [
            new("score", [Size, Size], WeightUse.Kernel, Size) { First = InitialValues.Glorot(Size, Size) },
            new("combine", [2L * Size, Size], WeightUse.Kernel, 2L * Size) { First = InitialValues.Glorot(2L * Size, Size) },
        ];

    /// <summary>Prepares what is attended to.</summary>
    /// <param name="vectors">(N, B, P).</param>
    /// <param name="blocked">(B, 1, N): minus infinity on padding, 0 elsewhere; null for no padding.</param>
    /// <param name="weight">The weights.</param>
    public static AttentionMemory Remember(Tensor vectors, Tensor? blocked, WeightOf<Tensor> weight)
    {
        Tensor values = vectors.transpose(0, 1);
        return new(values, values.matmul(weight("score")).transpose(1, 2), blocked);
    }

    /// <summary>Attends.</summary>
    /// <param name="memory">H.</param>
    /// <param name="states">(B, T, P): h, of all steps at once.</param>
    /// <param name="weight">The weights.</param>
    /// <returns>h~ (B, T, P) and alpha (B, T, N).</returns>
    public static (Tensor Said, Tensor Attention) Attend(AttentionMemory memory, Tensor states, WeightOf<Tensor> weight)
    {
        Tensor scores = states.bmm(memory.Keys);
        if (memory.Blocked is not null)
            scores += memory.Blocked;
        Tensor attention = scores.softmax(-1);
        return (cat([attention.bmm(memory.Values), states], 2).matmul(weight("combine")).tanh(), attention);
    }

    /// <summary>What attends on a CPU.</summary>
    public AttentionKernel Kernel(WeightOf<float[]> weight) => new(this, weight);

    /// <summary>The form that scores on a CPU. Immutable; the values of a state do not depend on the states beside it.</summary>
    internal sealed class AttentionKernel(MemoryAttention attention, WeightOf<float[]> weight)
    {
        private readonly int _size = attention.Size;
        private readonly FusedDense _score = new(weight("score"), new float[attention.Size], rectify: false);
        private readonly FusedDense _combine = FusedDense.OfColumns(weight("combine"), new float[attention.Size]);

        /// <summary>Attends.</summary>
        /// <param name="memories">H for each state, N × P values.</param>
        /// <param name="states">h, P values each.</param>
        /// <param name="said">Receives h~, P values each.</param>
        /// <returns>alpha for each state, N values.</returns>
        public float[][] Attend(ReadOnlySpan<float[]> memories, ReadOnlySpan<float> states, Span<float> said)
        {
            int rows = memories.Length;
            float[][] attention = new float[rows][];
            using Scratch queries = new(checked(rows * _score.OutputStride)), both = new(checked(rows * 2 * _size));
            _score.Run(states, _size, rows, queries.Span);
            for (int row = 0; row < rows; row++)
            {
                Span<float> pair = both.Span.Slice(row * 2 * _size, 2 * _size);
                attention[row] = Mix(memories[row], queries.Span.Slice(row * _score.OutputStride, _size), pair[.._size]);
                states.Slice(row * _size, _size).CopyTo(pair[_size..]);
            }

            using var combined = new Scratch(checked(rows * _combine.OutputStride));
            _combine.Run(both.Span, 2 * _size, rows, combined.Span);
            for (int row = 0; row < rows; row++)
                TensorPrimitives.Tanh<float>(combined.Span.Slice(row * _combine.OutputStride, _size), said.Slice(row * _size, _size));
            return attention;
        }

        // The query is W_1 h, and the context H^T alpha.
        private static float[] Mix(ReadOnlySpan<float> memory, ReadOnlySpan<float> query, Span<float> context)
        {
            float[] attention = new float[memory.Length / query.Length];
            for (int token = 0; token < attention.Length; token++)
                attention[token] = TensorPrimitives.Dot(memory.Slice(token * query.Length, query.Length), query);
            ClassProbabilities.Softmax(attention);
            context.Clear();
            for (int token = 0; token < attention.Length; token++)
                TensorPrimitives.MultiplyAdd(memory.Slice(token * query.Length, query.Length), attention[token], context, context);
            return attention;
        }
    }
}
