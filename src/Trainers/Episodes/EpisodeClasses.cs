using Microsoft.ML.Runtime;
using MLNet.Papers.Labels;
using static System.FormattableString;

namespace MLNet.Papers.Episodes;

/// <summary>The classes of labelled rows that episodes can be drawn from.</summary>
internal static class EpisodeClasses
{
    /// <summary>For each class with enough rows for an episode its rows. What is left out is said in warnings.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than two such classes.</exception>
    public static int[][] Usable(LabelledRows rows, string labelColumn, FewShotOptions options, IChannel channel)
    {
        long needed = options.RowsPerClass;
        int[][] present = [.. rows.RowsByClass().Where(members => members.Length > 0)];
        int[][] usable = [.. present.Where(members => members.Length >= needed)];
        if (rows.WithoutLabel > 0)
            channel.Warning(MessageSensitivity.Schema, Invariant($"Column '{labelColumn}' is missing in {rows.WithoutLabel} rows, which are left out."));
        if (usable.Length < 2)
        {
            string found = present.Length == 0
                ? "there are no rows with a label"
                : Invariant($"of {present.Length} classes {usable.Length} have that many; the largest has {present.Max(members => members.Length)} rows");
            throw new InvalidOperationException(
                Invariant($"Column '{labelColumn}' must have at least 2 classes with Shots + QueriesPerClass = {needed} rows each, but {found}. ") +
                "Lower either option or add rows.");
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
