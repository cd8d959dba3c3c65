using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers.Elmo;

/// <summary>The tokens of all rows with their labels, each a row of its own.</summary>
/// <param name="Rows">Vectors and labels of the tokens that have one.</param>
/// <param name="Labels">How many different labels they have.</param>
/// <param name="WithoutLabel">How many tokens have none.</param>
internal sealed record TaggedTokens(TrainingRows Rows, int Labels, int WithoutLabel) : IDisposable
{
    /// <summary>Reads the tokens of a view.</summary>
    /// <param name="data">The rows; read once.</param>
    /// <param name="labelColumn">The labels.</param>
    /// <param name="index">Their classes, and what reads them.</param>
    /// <param name="vectorColumn">The vectors.</param>
    /// <param name="size">The length of a token's vector, or null to take that of the first row with labels.</param>
    /// <param name="options">The most memory for vectors.</param>
    /// <param name="environment">The environment of the fit, which may be cancelled.</param>
    /// <returns>The tokens, to be disposed by the caller.</returns>
    /// <exception cref="InvalidOperationException">A row has not as many vectors as labels, or a number that is not finite; there are no labels.</exception>
    public static TaggedTokens Read(
        IDataView data,
        string labelColumn,
        LabelIndex index,
        string vectorColumn,
        int? size,
        MinibatchOptions options,
        IHostEnvironment environment)
    {
        Host.ThrowIfCanceled(environment);
        DataViewSchema.Column vectors = data.Schema[vectorColumn];
        if (((VectorDataViewType)vectors.Type).Dimensions is { Length: > 1 } dimensions && dimensions[^1] > 0)
            size ??= dimensions[^1];
        using DataViewRowCursor cursor = data.GetRowCursor([vectors, data.Schema[labelColumn]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(vectors);
        KeyInput keys = index.Reader(cursor);
        VBuffer<float> row = default;
        TrainingRows? tokens = null;
        var present = new HashSet<int>();
        int without = 0;
        try
        {
            while (cursor.MoveNext())
            {
                Host.ThrowIfCanceled(environment);
                getter(ref row);
                InputColumns.RequireLength(vectors, row.Length, cursor.Position);
                float[] numbers = [.. row.DenseValues()];
                ReadOnlySpan<int> labels = keys.ReadAll();
                if (size is null && labels.Length > 0 && numbers.Length % labels.Length == 0 && numbers.Length > 0)
                    size = numbers.Length / labels.Length;
                if (labels.Length * (long)(size ?? 0) != numbers.Length)
                {
                    string found = size is null ? "which is no multiple" : FormattableString.Invariant($"but vectors have {size} numbers each");
                    throw new InvalidOperationException(
                        FormattableString.Invariant($"Column '{labelColumn}' has {labels.Length} labels and column '{vectorColumn}' {numbers.Length} ") +
                        FormattableString.Invariant($"numbers in row {cursor.Position}, {found}."));
                }

                if (!FiniteValues.AreAll(numbers))
                {
                    throw new InvalidOperationException(
                        FormattableString.Invariant($"Column '{vectorColumn}' has a number that is not finite in row {cursor.Position}."));
                }

                for (int token = 0; token < labels.Length; token++)
                {
                    if (labels[token] < 0)
                    {
                        without++;
                        continue;
                    }

                    tokens ??= new TrainingRows(size!.Value, RowPart.Class(TrainingRows.Targets), options, () => Host.ThrowIfCanceled(environment));
                    tokens.Add(numbers.AsSpan(token * size!.Value, size.Value), labels[token]);
                    present.Add(labels[token]);
                }
            }

            return tokens is not null
                ? new TaggedTokens(tokens, present.Count, without)
                : throw new InvalidOperationException($"There is nothing to learn from: column '{labelColumn}' has no labels in any row.");
        }
        catch
        {
            tokens?.Dispose();
            throw;
        }
    }

    public void Dispose() => Rows.Dispose();
}
