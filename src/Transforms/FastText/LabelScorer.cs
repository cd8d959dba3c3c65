using System.Buffers;
using System.Numerics.Tensors;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.FastText;

/// <summary>From the mean of a line's rows to the probabilities of the labels. Immutable.</summary>
internal sealed class LabelScorer
{
    // Added by the reference program to every probability before its logarithm, and so part of what it reports.
    private const float Epsilon = 1e-5f;

    private readonly FastTextLoss _loss;
    private readonly EmbeddingMatrix _output;
    private readonly HuffmanTree? _tree;

    public LabelScorer(FastTextLoss loss, EmbeddingMatrix output, ReadOnlySpan<long> counts)
    {
        (_loss, _output) = (loss, output);
        _tree = loss == FastTextLoss.HierarchicalSoftmax ? new HuffmanTree(counts) : null;
    }

    /// <summary>The probability of every label. They add up to 1 but for the losses that decide on each label apart.</summary>
    public void Score(ReadOnlySpan<float> hidden, Span<float> probabilities)
    {
        if (probabilities.IsEmpty)
            return;
        if (_tree is not null)
        {
            ScoreLeaves(_tree, hidden, probabilities);
            return;
        }

        _output.Multiply(hidden, probabilities);
        if (_loss == FastTextLoss.Softmax)
        {
            ClassProbabilities.Softmax(probabilities);
        }
        else
        {
            TensorPrimitives.Sigmoid<float>(probabilities, probabilities);
        }
    }

    /// <summary>The labels of highest probability, best first, raised by what the reference program raises them by.</summary>
    /// <param name="hidden">The mean of a line's rows.</param>
    /// <param name="k">The most labels.</param>
    /// <param name="threshold">The least probability.</param>
    /// <param name="probabilities">Room for one value a label.</param>
    public IReadOnlyList<(float Score, int Id)> Best(ReadOnlySpan<float> hidden, int k, float threshold, Span<float> probabilities)
    {
        var best = new BestScores(k);
        if (_tree is not null)
        {
            Descend(_tree, hidden, MathF.Log(threshold + Epsilon), best);
            return [.. best.Descending().Select(label => (Math.Min(1, MathF.Exp(label.Score)), label.Id))];
        }

        Score(hidden, probabilities);
        for (int id = 0; id < probabilities.Length; id++)
        {
            if (probabilities[id] >= threshold && probabilities[id] >= best.Worst)
                best.Offer(probabilities[id], id);
        }

        return [.. best.Descending().Select(label => (Math.Min(1, label.Score + Epsilon), label.Id))];
    }

    // From the root down; a branch that cannot come among the best, or is below the threshold, is left alone.
    private void Descend(HuffmanTree tree, ReadOnlySpan<float> hidden, float lowest, BestScores best)
    {
        var open = new Stack<(int Node, float Score)>();
        if (tree.Outputs > 0)
            open.Push((tree.Root, 0));
        while (open.TryPop(out (int Node, float Score) next))
        {
            if (next.Score < lowest || next.Score < best.Worst)
                continue;
            if (next.Node < tree.Outputs)
            {
                best.Offer(next.Score, next.Node);
                continue;
            }

            float right = Sigmoid(_output.Dot(next.Node - tree.Outputs, hidden));
            open.Push((tree.Right(next.Node), next.Score + MathF.Log(right + Epsilon)));
            open.Push((tree.Left(next.Node), next.Score + MathF.Log(1 - right + Epsilon)));
        }
    }

    // A node comes after its children, so that its own probability is known when it is split between them.
    private void ScoreLeaves(HuffmanTree tree, ReadOnlySpan<float> hidden, Span<float> probabilities)
    {
        float[] nodes = ArrayPool<float>.Shared.Rent(tree.Root + 1);
        nodes[tree.Root] = 1;
        for (int node = tree.Root; node >= tree.Outputs; node--)
        {
            float right = Sigmoid(_output.Dot(node - tree.Outputs, hidden));
            nodes[tree.Right(node)] = nodes[node] * right;
            nodes[tree.Left(node)] = nodes[node] * (1 - right);
        }

        nodes.AsSpan(0, tree.Outputs).CopyTo(probabilities);
        ArrayPool<float>.Shared.Return(nodes);
    }

    private static float Sigmoid(float value) => 1 / (1 + MathF.Exp(-value));
}
