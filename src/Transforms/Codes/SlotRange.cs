namespace MLNet.Papers.Codes;

/// <summary>Slots of a row side by side that are alike.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
/// <param name="IsCategory">Whether they are one category, as OneHotEncoding gives it; else each is a number.</param>
internal readonly record struct SlotRange(int First, int Count, bool IsCategory)
{
    /// <summary>Cuts a row into numbers and categories.</summary>
    /// <param name="size">Values of a row.</param>
    /// <param name="categories">First and last slot of each category, one after the other, as the annotation CategoricalSlotRanges has them.</param>
    public static SlotRange[] Cut(int size, ReadOnlySpan<int> categories)
    {
        List<(int First, int Last)> known = [];
        for (int i = 0; i + 1 < categories.Length; i += 2)
            known.Add((categories[i], categories[i + 1]));
        List<SlotRange> ranges = [];
        int next = 0;
        foreach ((int first, int last) in known.Order())
        {
            // A category of one slot says yes or no: a number does too.
            if (first < next || last >= size || last <= first)
                continue;
            if (first > next)
                ranges.Add(new(next, first - next, false));
            ranges.Add(new(first, last - first + 1, true));
            next = last + 1;
        }

        if (next < size)
            ranges.Add(new(next, size - next, false));
        return [.. ranges];
    }
}
