using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Answers in the contract: contexts that fit, and contexts in windows, some of which have no answer.</summary>
internal sealed class BertAnswerCase(bool hasWindows) : IEstimatorCase<BertAnswerEstimator>
{
    private const int Rows = 20;

    public BertAnswerCase()
        : this(hasWindows: false)
    {
    }

    public string Variant => hasWindows ? "windows, some without an answer" : "whole contexts";

    public IEnumerable<IEstimatorCase> Variants => [new BertAnswerCase(hasWindows: false), new BertAnswerCase(hasWindows: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 4);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BertAnswerOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.AnswerWithBert("Found", "Question", "Context", TinyBert.Transformer(ml), (BertAnswerOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView(
    [
        MemoryColumn.Texts("Question", Enumerable.Range(0, Rows).Select(row => row == 4 ? "" : ElmoSentences.Tokens(row)[0])),
        MemoryColumn.Texts("Context", Enumerable.Range(0, Rows).Select(Context)),
        MemoryColumn.Texts("Answer", Enumerable.Range(0, Rows).Select(Answer)),
        MemoryColumn.Values("AnswerStart", NumberDataViewType.Int32, [.. Enumerable.Range(0, Rows).Select(
            row => Answer(row) is { Length: > 0 } answer ? Context(row).IndexOf(answer, StringComparison.Ordinal) : -1)]),
    ]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        foreach (string column in (string[])["Question", "Context"])
        {
            yield return new(column, "missing", rows.Without(column));
            yield return new(column, "a number", rows.With(MemoryColumn.Values(column, NumberDataViewType.Single, new float[Rows])));
        }

        yield return new("Answer", "missing", rows.Without("Answer"), RejectedBy.Estimator);
        yield return new("Answer", "a number", rows.With(MemoryColumn.Values("Answer", NumberDataViewType.Single, new float[Rows])), RejectedBy.Estimator);
        yield return new("AnswerStart", "missing", rows.Without("AnswerStart"), RejectedBy.Estimator);
        yield return new("AnswerStart", "a text", rows.With(MemoryColumn.Texts("AnswerStart", new string[Rows])), RejectedBy.Estimator);
    }

    // Two sentences; with windows only part of them is read at once.
    private static string Context(int row) => string.Join(' ', ElmoSentences.Tokens(row).Concat(ElmoSentences.Tokens(row + 1)));

    private string Answer(int row) => hasWindows && row % 5 == 0 ? "" : string.Join(' ', ElmoSentences.Tokens(row)[1..3]);

    private BertAnswerOptions Options(int epochs) => new()
    {
        Epochs = epochs,
        BatchSize = 6,
        LearningRate = 1e-2,
        MaxLength = hasWindows ? 10 : null,
        WindowStride = 3,
        MaxAnswerLength = 4,
    };
}
