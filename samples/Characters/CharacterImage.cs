namespace MLNet.Papers.Samples.Characters;

/// <summary>One drawing of a character, in grey: ink is 1, paper is 0.</summary>
/// <param name="Character">The character, with the name of its alphabet in front: <c>alphabet-03/character-07</c>.</param>
/// <param name="Alphabet">The alphabet it belongs to; empty where characters are not sorted into alphabets.</param>
/// <param name="Writer">Who drew it, from 1.</param>
/// <param name="Pixels"><see cref="Side"/> rows of <see cref="Side"/> pixels, from the top left.</param>
internal sealed record CharacterImage(string Character, string Alphabet, int Writer, float[] Pixels)
{
    /// <summary>Width and height of every image, in pixels.</summary>
    public const int Side = 28;
}
