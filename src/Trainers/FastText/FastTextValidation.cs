using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.FastText;

/// <summary>Rows that a classifier is validated on: read anew each time.</summary>
/// <param name="corpus">The rows with their labels.</param>
/// <param name="idOf">For each class of theirs the id of its label in the model, from 0; -1 if it has none.</param>
internal sealed class FastTextValidation(Corpus corpus, int[] idOf)
{
    private const float Least = 1e-30f;

    /// <summary>The mean loss of the rows with labels, in nats.</summary>
    /// <param name="model">The model as it is now.</param>
    /// <exception cref="InvalidOperationException">No row has a label, or one has a label that the rows to train on do not have.</exception>
    public double Loss(FastTextModel model)
    {
        using DataViewRowCursor cursor = corpus.Data.GetRowCursor([corpus.Data.Schema[corpus.TextColumn], corpus.Data.Schema[corpus.LabelColumn!]]);
        TextInput text = TextInput.Create(cursor, corpus.TextColumn);
        KeyInput labels = corpus.Labels!.Reader(cursor);
        var workspace = new Workspace(model);
        double sum = 0;
        long row = 0, count = 0;
        while (cursor.MoveNext())
        {
            Host.ThrowIfCanceled(corpus.Environment);
            if (corpus.Leaves?.Invoke(row++) == true)
                continue;
            ReadOnlySpan<int> classes = labels.Read();
            if (classes.IsEmpty)
                continue;
            sum += LossOf(model.Probabilities(text.Read(workspace.Text), workspace), classes, model.Loss);
            count++;
        }

        return count > 0 ? sum / count : throw new InvalidOperationException(
            $"There are no rows to validate on: column '{corpus.LabelColumn}' is missing in all rows of Validation.");
    }

    // What the training lowers: of one label drawn at random, or of the decisions on all labels.
    private double LossOf(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> classes, FastTextLoss loss)
    {
        double right = 0;
        foreach (int index in classes)
        {
            if (idOf[index] < 0)
            {
                throw new InvalidOperationException(
                    $"Column '{corpus.LabelColumn}' of Validation has the class '{corpus.Labels!.Classes.Names[index]}', which the training data do not have.");
            }

            right -= Math.Log(Math.Max(probabilities[idOf[index]], Least));
        }

        if (loss != FastTextLoss.OneVersusAll)
            return right / classes.Length;
        foreach (float probability in probabilities)
            right -= Math.Log(Math.Max(1 - probability, Least));
        foreach (int index in classes)
            right += Math.Log(Math.Max(1 - probabilities[idOf[index]], Least));
        return right;
    }
}
