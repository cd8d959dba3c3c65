using Microsoft.ML.Runtime;
using MLNet.Papers.Labels;
using static System.FormattableString;

namespace MLNet.Papers.Episodes;

/// <summary>The classes of labelled rows that episodes can be drawn from.</summary>
internal static class EpisodeClasses
{
    /// <summary>
    /// The options as far as the rows allow: where fewer than two classes have Shots + QueriesPerClass rows, episodes take what the second largest class has.
    /// What has no effect, or is lowered, is said in warnings.
    /// </summary>
    /// <param name="options">What is wanted.</param>
    /// <param name="labelColumn">The label, for messages.</param>
    /// <param name="channel">Where warnings go.</param>
    /// <param name="views">The rows that episodes are drawn from: those to train on, and those to validate on.</param>
    public static TOptions For<TOptions>(TOptions options, string labelColumn, IChannel channel, params IEnumerable<LabelledRows?> views)
        where TOptions : FewShotOptions
    {
        WarnOfJitter(options, channel);
        int rows = views.OfType<LabelledRows>().Min(view => view.RowsByClass().Select(members => members.Length).OrderDescending().ElementAtOrDefault(1));
        // With a single row there is nothing to ask about: refused where classes are chosen.
        if (rows < 2 || rows >= options.RowsPerClass)
            return options;
        TOptions smaller = options.WithRowsPerClass<TOptions>(rows);
        channel.Warning(
            MessageSensitivity.Schema,
            Invariant($"Column '{labelColumn}' has no 2 classes with Shots + QueriesPerClass = {options.RowsPerClass} rows each: episodes take ") +
            Invariant($"{smaller.Shots} + {smaller.QueriesPerClass} rows of a class. Add rows for more."));
        return smaller;
    }

    /// <summary>Says in a warning where images would be distorted, but there are none.</summary>
    public static void WarnOfJitter(FewShotOptions options, IChannel channel)
    {
        if (options.ImageShape is null && options.AffineJitter > 0)
            channel.Warning(MessageSensitivity.None, Invariant($"AffineJitter = {options.AffineJitter} has no effect on plain vectors: it needs ImageShape."));
    }

    /// <summary>For each class with enough rows for an episode its rows. What is left out is said in warnings.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than two such classes.</exception>
    public static int[][] Usable(LabelledRows rows, string labelColumn, FewShotOptions options, IChannel channel)
    {
        long needed = options.RowsPerClass;
        int[][] present = [.. rows.RowsByClass().Where(members => members.Length > 0)];
        int[][] usable = [.. present.Where(members => members.Length >= needed)];
        LabelIndex.WarnOfMissing(channel, labelColumn, rows.WithoutLabel);
        if (usable.Length < 2)
        {
            string found = present.Length == 0
                ? "there are no rows with a label"
                : Invariant($"of {present.Length} classes {present.Count(members => members.Length >= 2)} have that many; ") +
                    Invariant($"the largest has {present.Max(members => members.Length)} rows");
            throw new InvalidOperationException(
                Invariant($"Column '{labelColumn}' must have at least 2 classes with 2 rows each, one as support and one as query, but {found}. Add rows."));
        }

        if (usable.Length < present.Length)
        {
            channel.Warning(MessageSensitivity.Schema, Invariant($"{present.Length - usable.Length} of {present.Length} classes have fewer than Shots + ") +
                Invariant($"QueriesPerClass = {needed} rows and take no part in episodes."));
        }

        long classes = (long)options.Turns * usable.Length;
        if (classes < options.Ways)
            channel.Warning(MessageSensitivity.None, Invariant($"Ways is {options.Ways}, but there are {classes} classes: an episode has them all."));
        return usable;
    }
}
