using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Codes;

/// <summary>What <see cref="RowLayout"/> says of rows, in torch: the rows are on its scale, NaN where a value is missing.</summary>
internal sealed class RowLoss(RowLayout layout)
{
    /// <summary>What an encoder reads of rows, (B, D) or (B, 2·D).</summary>
    public Tensor Inputs(Tensor rows)
    {
        if (!layout.ReadsMissing)
            return rows;
        Tensor missing = rows.isnan();
        return cat([rows.nan_to_num(0), missing.to(ScalarType.Float32)], 1);
    }

    /// <summary>What an encoder reads of rows that a decoder makes; they lack what other rows lack, by which nobody can tell them then.</summary>
    /// <param name="outputs">What the decoder gives, (B, D).</param>
    /// <param name="rows">The other rows, (B, D).</param>
    public Tensor Inputs(Tensor outputs, Tensor rows)
    {
        Tensor[] parts = [.. layout.Ranges.Select(range => Values(outputs.narrow(1, range.First, range.Count), range))];
        Tensor made = parts is [var only] ? only : cat(parts, 1);
        if (!layout.ReadsMissing)
            return made;
        Tensor missing = rows.isnan();
        using Scalar nothing = 0;
        return cat([made.masked_fill(missing, nothing), missing.to(ScalarType.Float32)], 1);
    }

    /// <summary>The mean deviance of what is there of each row, as <see cref="RowLayout.Deviance"/> has it.</summary>
    /// <param name="outputs">What a decoder gives, (B, D).</param>
    /// <param name="rows">The rows, (B, D).</param>
    /// <returns>(B).</returns>
    public Tensor Deviance(Tensor outputs, Tensor rows)
    {
        (SlotRange Range, Tensor Sum, Tensor? There)[] parts = [.. Parts(outputs, rows)];
        Tensor sum = parts.Select(part => part.Sum).Aggregate((total, next) => total + next);
        double always = parts.Sum(part => part.There is null ? part.Range.Count : 0);
        if (parts.All(part => part.There is null))
            return sum.Over(always);
        // A row of which nothing is there has no part in the loss.
        Tensor there = parts.Where(part => part.There is not null).Select(part => part.There!).Aggregate((total, next) => total + next).Plus(always);
        return sum / maximum(there, ones_like(there));
    }

    /// <summary>ln p of what is there of each row, as <see cref="RowLayout.LogLikelihood"/> has it.</summary>
    /// <param name="outputs">What a decoder gives, (B, D).</param>
    /// <param name="rows">The rows, (B, D).</param>
    /// <param name="deviation">The standard deviation of numbers.</param>
    /// <returns>(B).</returns>
    public Tensor LogLikelihood(Tensor outputs, Tensor rows, double deviation)
    {
        double constant = RowLayout.NormalDeviance(deviation);
        return Parts(outputs, rows).Select(part => !layout.IsNormal(part.Range)
            ? part.Sum
            : part.Sum.Over(deviation * deviation) is var scaled && part.There is { } there
                ? scaled + there.Times(constant)
                : scaled.Plus(part.Range.Count * constant)).Aggregate((total, next) => total + next).Times(-0.5);
    }

    // For each range the sums of its deviances, (B), and over how many parts of a row; null where that is all of it.
    private IEnumerable<(SlotRange Range, Tensor Sum, Tensor? There)> Parts(Tensor outputs, Tensor rows)
    {
        Tensor? present = layout.ReadsMissing ? rows.isnan().logical_not_().to(ScalarType.Float32) : null;
        Tensor values = present is null ? rows : rows.nan_to_num(0);
        foreach (SlotRange range in layout.Ranges)
        {
            Tensor output = outputs.narrow(1, range.First, range.Count), value = values.narrow(1, range.First, range.Count);
            if (range.IsCategory)
            {
                yield return (range, (value * output.log_softmax(1)).sum(1).Times(-2), value.sum(1).sign());
                continue;
            }

            Tensor deviances = layout.Likelihood == Likelihood.Gaussian
                ? (output - value).square()
                : nn.functional.binary_cross_entropy_with_logits(output, value, reduction: nn.Reduction.None).Times(2);
            Tensor? own = present?.narrow(1, range.First, range.Count);
            yield return own is null ? (range, deviances.sum(1), null) : (range, (deviances * own).sum(1), own.sum(1));
        }
    }

    private Tensor Values(Tensor outputs, SlotRange range) => range.IsCategory
        ? outputs.softmax(1)
        : layout.Likelihood == Likelihood.Bernoulli ? outputs.sigmoid() : outputs;
}
