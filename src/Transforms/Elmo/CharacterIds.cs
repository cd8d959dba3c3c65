using System.Text;

namespace MLNet.Papers.Elmo;

/// <summary>
/// The characters of a token as the network reads them (the published code's numbering): the UTF-8 bytes between marks of the word's ends, then padding.
/// </summary>
internal static class CharacterIds
{
    /// <summary>Different ids, 1 to 261; 0 stands for a missing token.</summary>
    public const int Count = 262;

    /// <summary>The padding behind a word.</summary>
    public const int Padding = 261;

    private const int BeginSentence = 257;
    private const int EndSentence = 258;
    private const int BeginWord = 259;
    private const int EndWord = 260;

    /// <summary>
    /// The ids of a token without its padding: a byte b has b + 1. A token that is too long is cut, which may split a letter of several bytes. The tokens
    /// <c>&lt;S&gt;</c> and <c>&lt;/S&gt;</c> have the ids of the marks, as in the published code.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="most">M, the most ids, the two marks counted.</param>
    public static int[] Of(string token, int most)
    {
        if (token is "<S>" or "</S>")
            return token == "<S>" ? OfBegin() : OfEnd();
        Span<byte> bytes = stackalloc byte[most - 2];
        // What does not fit is left out byte by byte, not letter by letter, as the published models have it.
        int length = Encoding.UTF8.GetByteCount(token);
        if (length <= bytes.Length)
            Encoding.UTF8.GetBytes(token, bytes);
        else
            Encoding.UTF8.GetBytes(token[..Math.Min(token.Length, bytes.Length + 1)]).AsSpan(0, length = bytes.Length).CopyTo(bytes);
        int[] ids = new int[length + 2];
        ids[0] = BeginWord;
        for (int i = 0; i < length; i++)
            ids[i + 1] = bytes[i] + 1;
        ids[^1] = EndWord;
        return ids;
    }

    /// <summary>The ids of the mark before a sentence.</summary>
    public static int[] OfBegin() => [BeginWord, BeginSentence, EndWord];

    /// <summary>The ids of the mark behind a sentence.</summary>
    public static int[] OfEnd() => [BeginWord, EndSentence, EndWord];
}
