using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Distillation;

/// <summary>
/// Batches of some of the rows: inputs (B, D), the probabilities to learn (B, K), and the classes one-hot (B, K), zeros where a row has none.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="numbers">Which of them.</param>
/// <param name="device">The device of the network.</param>
/// <param name="permutes">Whether the probabilities of the classes that are not the greatest are permuted.</param>
internal sealed class StudentBatches(StudentRows rows, int[] numbers, Device device, bool permutes = false) : RowBatches(rows.Rows, numbers, device)
{
    protected override void Change(RowPart part, Span<float> values, Random random)
    {
        if (permutes && part.Name == StudentRows.Probabilities)
            SoftTargets.Permute(values, random);
    }
}
