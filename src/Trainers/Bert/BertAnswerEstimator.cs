using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers;

/// <summary>Trains a BERT that exists, all of it, to answer questions about a context with words of the context.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 4.2 and 4.3.</para>
/// <para><b>Input.</b> A question, its context and the answer, a text each, and where the answer begins in the context, an Int32 in UTF-16 units from 0. The
/// answer stands in the context as it is written, or is empty where the context has none.</para>
/// <para><b>Output.</b> The answer, a text; where it begins, and how probable it is: see <see cref="BertAnswerTransformer"/>.</para>
/// <para><b>Method.</b> Two new vectors, whose products with the vectors of the pieces say where an answer begins and ends; the mean of both cross-entropies. A
/// context that is too long is read in windows; one that does not have the whole answer learns that there is none.</para>
/// <para><b>Cost.</b> The pieces of all windows lie in memory, 4 bytes each. A step runs forward and back through the encoder; see
/// <see cref="BertFineTuningOptions.FrozenLayers"/> and <see cref="BertFineTuningOptions.MaxLength"/> for shorter ones.</para>
/// <para><b>Randomness.</b> The new vectors, the order of rows and dropout, from Seed.</para>
/// <para><b>Fit.</b> All rows are learned from, which are read once. The encoder that is given stays as it is: the transformer has its own.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows; an answer does not stand where the row says; a loss is not finite; a step would take too much memory; the GPU is missing; or
/// the checkpoint belongs to another training.
/// </exception>
public sealed class BertAnswerEstimator : TechniqueEstimator<BertAnswerTransformer, BertAnswerOptions>
{
    private readonly string _outputColumnName;
    private readonly AnswerColumns _columns;
    private readonly BertModel _start;

    internal BertAnswerEstimator(
        IHostEnvironment environment,
        string outputColumnName,
        string questionColumnName,
        string contextColumnName,
        BertTransformer bert,
        BertAnswerOptions? options)
        : base(environment, options)
    {
        (_outputColumnName, _columns) = (Named(outputColumnName), new(Named(questionColumnName), Named(contextColumnName)));
        _start = Options.Start(bert);
    }

    private protected override IEnumerable<InputColumn> Inputs =>
    [
        ScalarColumn.Text(_columns.Question),
        ScalarColumn.Text(_columns.Context),
        ScalarColumn.Text(Options.AnswerColumnName) with { Option = nameof(Options.AnswerColumnName) },
        new ScalarColumn(Options.AnswerStartColumnName, NumberDataViewType.Int32) { Option = nameof(Options.AnswerStartColumnName) },
    ];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => BertAnswerTransformer.Columns(_outputColumnName);

    private protected override BertAnswerTransformer Fit(IDataView input, IChannel channel)
    {
        AnsweredQuestions rows = Read(input, channel);
        AnsweredQuestions? validation = Validation is null ? null : Read(Validation, channel);
        (BertModel encoder, LinearHead head) = new FineTuning(Environment, Options).Run(_start, text: null, outputs: 2, rows, validation);
        return new BertAnswerTransformer(
            Environment, new(_outputColumnName, _columns.Question, _columns.Context, encoder, head, Options.Windows, rows.HasUnanswered));
    }

    private AnsweredQuestions Read(IDataView data, IChannel channel)
    {
        Check();
        var rows = new AnsweredQuestions();
        using DataViewRowCursor cursor = data.GetRowCursor(Inputs.Select(column => data.Schema[column.Name]).DistinctBy(column => column.Index));
        var reader = new AnswerReader(_start, cursor, _columns, Options.Windows);
        ValueGetter<ReadOnlyMemory<char>> answerGetter = cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema[Options.AnswerColumnName]);
        ValueGetter<int> startGetter = cursor.GetGetter<int>(data.Schema[Options.AnswerStartColumnName]);
        ReadOnlyMemory<char> answer = default;
        int start = 0;
        List<WordPiece> pieces = [];
        List<ContextWindow> windows = [];
        long cut = 0;
        while (cursor.MoveNext())
        {
            Check();
            reader.Batch.Clear();
            pieces.Clear();
            windows.Clear();
            reader.Read(pieces, windows);
            answerGetter(ref answer);
            startGetter(ref start);
            (int First, int Last)? span = answer.IsEmpty ? null : Find(pieces, reader.Context.Span, answer.Span, start, cursor.Position);
            cut += rows.Add(reader.Batch, windows, span) ? 0 : 1;
        }

        if (cut > 0)
        {
            channel.Warning(MessageSensitivity.None, FormattableString.Invariant(
                $"{cut} answers are longer than a window of {_start.MaxLength} pieces has room for: their rows learn that there is none. Raise MaxLength."));
        }

        return rows;
    }

    // The first and the last piece of an answer.
    private (int First, int Last) Find(List<WordPiece> pieces, ReadOnlySpan<char> context, ReadOnlySpan<char> answer, int start, long row)
    {
        int end = (int)Math.Min((long)start + answer.Length, int.MaxValue);
        if (start < 0 || end > context.Length || !context[start..end].SequenceEqual(answer))
        {
            string found = start < 0 || start > context.Length ? "nothing" : $"'{context[start..Math.Min(end, context.Length)]}'";
            throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{Options.AnswerColumnName}' has the answer '{answer.ToString()}' in row {row}, ") +
                FormattableString.Invariant($"but column '{_columns.Context}' has {found} at {start}, ") +
                $"where column '{Options.AnswerStartColumnName}' says that it begins.");
        }

        int first = pieces.FindIndex(piece => piece.Start + piece.Length > start), last = pieces.FindLastIndex(piece => piece.Start < end);
        return first >= 0 && first <= last
            ? (first, last)
            : throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{Options.AnswerColumnName}' has the answer '{answer.ToString()}' in row {row}, ") +
                "of which the encoder reads nothing. Leave the row out.");
    }
}
