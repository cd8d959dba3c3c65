using System.Runtime.CompilerServices;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Draws numbers with given probabilities in constant time: Walker's alias method (1974), 8 bytes a number.</summary>
internal sealed class AliasTable
{
    private readonly (uint Threshold, int Alias)[] _cells;

    /// <param name="weights">What the probabilities are proportional to; not negative, with a sum above zero.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public AliasTable(IReadOnlyList<double> weights, Action? check = null)
    {
        var polling = new Polling(check);
        int count = weights.Count;
        double sum = weights.Sum();
        double[] shares = [.. weights.Select(weight => weight / sum * count)];
        _cells = new (uint, int)[count];
        Stack<int> small = [], large = [];
        for (int number = 0; number < count; number++)
        {
            polling.Turn();
            (shares[number] < 1 ? small : large).Push(number);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            polling.Turn();
            int number = small.Pop();
            int alias = large.Peek();
            _cells[number] = ((uint)(shares[number] * uint.MaxValue), alias);
            shares[alias] -= 1 - shares[number];
            if (shares[alias] < 1)
                small.Push(large.Pop());
        }

        foreach (int number in small.Concat(large))
            _cells[number] = (uint.MaxValue, number);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Draw(ref SplitMix random)
    {
        ulong bits = random.Next();
        int number = (int)(((bits >> 32) * (ulong)_cells.Length) >> 32);
        (uint threshold, int alias) = _cells[number];
        // Chance decides: a branch would be predicted wrongly half of the time.
        int isAlias = (int)(((long)threshold - (uint)bits) >> 63);
        return number ^ ((number ^ alias) & isAlias);
    }
}
