using System.Numerics;

namespace MLNet.Papers.WordPieces;

/// <summary>Finds the longest piece that a word begins or goes on with: a tree of characters, whose edges lie in one table.</summary>
internal sealed class WordPieceTrie
{
    /// <summary>The root of the pieces that begin a word, and of those that go on one.</summary>
    public const int Beginning = 0, Continuing = 1;

    // Odd numbers with well mixed bits.
    private const uint NodeFactor = 0x9E3779B1, CharacterFactor = 0x85EBCA6B;

    private readonly ulong[] _keys;
    private readonly int[] _children;
    private readonly int[] _ids;
    private readonly int _shift;

    /// <param name="pieces">The pieces in the order of their numbers; those that go on a word have "##" before them.</param>
    public WordPieceTrie(IReadOnlyList<string> pieces)
    {
        long most = 2 + pieces.Sum(piece => (long)piece.Length);
        int bits = Math.Max(4, BitOperations.Log2((ulong)most) + 2);
        if (bits > 30)
            throw new ArgumentException($"The pieces have {most} characters in all; at most {1 << 28} are possible.");
        _shift = 32 - bits;
        (_keys, _children) = (new ulong[1 << bits], new int[1 << bits]);
        ReadOnlySpan<char> mark = WordPieceVocabulary.Continuation;
        var ids = new List<int> { -1, -1 };
        for (int id = 0; id < pieces.Count; id++)
        {
            ReadOnlySpan<char> piece = pieces[id];
            bool goesOn = piece.StartsWith(mark) && piece.Length > mark.Length;
            int node = goesOn ? Continuing : Beginning;
            foreach (char character in goesOn ? piece[mark.Length..] : piece)
            {
                int slot = Slot(node, character);
                if (_keys[slot] == 0)
                {
                    (_keys[slot], _children[slot]) = (Key(node, character), ids.Count);
                    ids.Add(-1);
                }

                node = _children[slot];
            }

            ids[node] = id;
        }

        _ids = [.. ids];
    }

    /// <summary>Finds the longest piece at the beginning of a text.</summary>
    /// <param name="root">Which pieces.</param>
    /// <param name="text">The text.</param>
    /// <param name="length">How many characters the piece has; 0 if there is none.</param>
    /// <returns>Its number, or -1.</returns>
    public int Longest(int root, ReadOnlySpan<char> text, out int length)
    {
        (int node, int id) = (root, -1);
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int slot = Slot(node, text[i]);
            if (_keys[slot] == 0)
                break;
            node = _children[slot];
            if (_ids[node] >= 0)
                (id, length) = (_ids[node], i + 1);
        }

        return id;
    }

    // One more, so that no key is 0, which an empty slot has.
    private static ulong Key(int node, char character) => ((ulong)(uint)node << 16 | character) + 1;

    private int Slot(int node, char character)
    {
        ulong key = Key(node, character);
        int slot = (int)((((uint)node * NodeFactor) ^ ((character + 1u) * CharacterFactor)) >> _shift);
        while (_keys[slot] != key && _keys[slot] != 0)
            slot = (slot + 1) & (_keys.Length - 1);
        return slot;
    }
}
