using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The tagger in the contract: words of texts with labels that are texts, and vectors of tokens with keys, of which some are missing.</summary>
internal sealed class BertTaggerCase(bool hasTokens) : IEstimatorCase<BertTaggerTrainer>
{
    private const int Rows = 20;

    public BertTaggerCase()
        : this(hasTokens: false)
    {
    }

    public string Variant => hasTokens ? "tokens, keys" : "texts";

    public IEnumerable<IEstimatorCase> Variants => [new BertTaggerCase(hasTokens: false), new BertTaggerCase(hasTokens: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 4);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BertTaggerOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    // The random words of the contract are many pieces; no text may be read in parts, which a graph does not do.
    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) => ml.MulticlassClassification.Trainers.BertTagger(
        "Tags", "Text", TinyBert.Transformer(ml, TinyBert.Model(maxLength: 160)), (BertTaggerOptions?)options);

    public IDataView Data(MLContext ml) =>
        new MemoryView(hasTokens ? [Tokens(), Keys()] : [ElmoSentences.Texts(Rows), Texts()]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        foreach (RejectedInput rejected in ElmoCase.RejectedTexts(rows))
            yield return rejected;
        yield return new("Tags", "missing", rows.Without("Tags"), RejectedBy.Estimator);
        yield return new("Tags", "a single key", rows.With(MemoryColumn.Keys("Tags", [.. Enumerable.Repeat(1u, Rows)], "a")), RejectedBy.Estimator);
        yield return new(
            "Tags", "times", rows.With(MemoryColumn.Vectors("Tags", DateTimeDataViewType.Instance, new VBuffer<DateTime>[Rows])), RejectedBy.Estimator);
    }

    private static int Tag(int row, int token) => (ElmoSentences.KindOf(row) + token) % 3;

    // A text of no tokens is another one here: the contract spoils the key of row 5.
    private static MemoryColumn Tokens() => MemoryColumn.Vectors("Text", TextDataViewType.Instance, [.. Enumerable.Range(0, Rows).Select(row =>
        row == 9 ? default : new VBuffer<ReadOnlyMemory<char>>(
            ElmoSentences.Tokens(row).Length, [.. ElmoSentences.Tokens(row).Select(token => token.AsMemory())]))]);

    private static MemoryColumn Keys() => MemoryColumn.Vectors("Tags", new KeyDataViewType(typeof(uint), 3), [.. Enumerable.Range(0, Rows).Select(row =>
    {
        uint[] keys =
        [
            .. Enumerable.Range(0, row == 9 ? 0 : ElmoSentences.Tokens(row).Length).Select(token => row == 3 && token == 1 ? 0 : (uint)Tag(row, token) + 1),
        ];
        return new VBuffer<uint>(keys.Length, keys);
    })]);

    private static MemoryColumn Texts() => MemoryColumn.Vectors("Tags", TextDataViewType.Instance, [.. Enumerable.Range(0, Rows).Select(row =>
    {
        ReadOnlyMemory<char>[] tags =
        [
            .. Enumerable.Range(0, row == 5 ? 0 : ElmoSentences.Tokens(row).Length)
                .Select(token => Tag(row, token).ToString(CultureInfo.InvariantCulture).AsMemory()),
        ];
        return new VBuffer<ReadOnlyMemory<char>>(tags.Length, tags);
    })]);

    private BertTaggerOptions Options(int epochs) => new()
    {
        Epochs = epochs,
        BatchSize = 6,
        LearningRate = 1e-2,
        MaxLength = hasTokens ? null : 150,
        ValidationFraction = hasTokens ? 0.2 : 0,
        ValidationInterval = 2,
    };
}
