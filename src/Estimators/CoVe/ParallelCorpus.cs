using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;

namespace MLNet.Papers.CoVe;

/// <summary>Texts and their translations in memory: sentence for sentence, each with at least one token.</summary>
internal sealed record ParallelCorpus(TokenCorpus Source, TokenCorpus Target)
{
    /// <summary>How many pairs there are.</summary>
    public int Count => Source.SentenceCount;

    /// <summary>Reads two columns once. Pairs with an empty side, or one that is too long, are passed over; the log says how many.</summary>
    /// <param name="environment">Where the fit runs.</param>
    /// <param name="data">The rows.</param>
    /// <param name="sourceColumn">A text or a vector of texts.</param>
    /// <param name="options">Names the column of translations, and says what is too much.</param>
    /// <param name="held">The part that is held out.</param>
    /// <param name="seed">Seed of what is held out.</param>
    /// <param name="channel">The log.</param>
    /// <returns>The pairs to learn from, and those held out.</returns>
    /// <exception cref="InvalidOperationException">There are too many pairs.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static (ParallelCorpus Training, ParallelCorpus Held) Read(
        IHostEnvironment environment, IDataView data, string sourceColumn, TranslationTrainingOptions options, double held, int seed, IChannel channel)
    {
        Host.ThrowIfCanceled(environment);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[sourceColumn], data.Schema[options.TargetColumnName]]);
        TokenInput sources = TokenInput.Create(cursor, sourceColumn), targets = TokenInput.Create(cursor, options.TargetColumnName);
        List<ReadOnlyMemory<char>> source = [], target = [];
        Random random = StepRandom.Create(seed, long.MinValue);
        (TokenCorpus.Builder Source, TokenCorpus.Builder Target)[] builders =
            [.. Enumerable.Range(0, 2).Select(_ => (new TokenCorpus.Builder(sourceColumn), new TokenCorpus.Builder(options.TargetColumnName)))];
        long rows = 0, emptySources = 0, emptyTargets = 0, tooLong = 0;
        while (cursor.MoveNext())
        {
            Host.ThrowIfCanceled(environment);
            rows++;
            sources.Read(source);
            targets.Read(target);
            if (source.Count == 0 || target.Count == 0)
            {
                emptySources += source.Count == 0 ? 1 : 0;
                emptyTargets += target.Count == 0 ? 1 : 0;
                continue;
            }

            if (source.Count > options.MaxTokens || target.Count > options.MaxTokens)
            {
                tooLong++;
                continue;
            }

            int part = held > 0 && random.NextDouble() < held ? 1 : 0;
            if (builders[part].Source.SentenceCount == options.MaxPairs)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Columns '{sourceColumn}' and '{options.TargetColumnName}' have more than MaxPairs = {options.MaxPairs} ") +
                    FormattableString.Invariant($"pairs in their first {rows} rows. Raise MaxPairs, which costs 4 bytes a token, or take fewer rows."));
            }

            builders[part].Source.Add(CollectionsMarshal.AsSpan(source));
            builders[part].Target.Add(CollectionsMarshal.AsSpan(target));
        }

        string skipped = FormattableString.Invariant($"'{sourceColumn}' is empty in {emptySources} rows and '{options.TargetColumnName}' in ") +
            FormattableString.Invariant($"{emptyTargets}; {tooLong} have more than MaxTokens = {options.MaxTokens} tokens");
        channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{builders[0].Source.SentenceCount} pairs to learn from, ") +
            FormattableString.Invariant($"{builders[1].Source.SentenceCount} held out, of {rows} rows. Passed over: {skipped}."));
        ParallelCorpus[] parts = Array.ConvertAll(builders, pair => new ParallelCorpus(pair.Source.Build(), pair.Target.Build()));
        return parts[0].Count > 0
            ? (parts[0], parts[1])
            : throw new InvalidOperationException(
                FormattableString.Invariant($"There is nothing to learn from: {rows} rows have no pair of texts. {skipped}."));
    }
}
