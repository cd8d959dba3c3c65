using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;

namespace MLNet.Papers.WordPieces;

/// <summary>What becomes of a character of a text.</summary>
internal enum CharacterKind : byte
{
    /// <summary>It is part of a word.</summary>
    Letter,

    /// <summary>It ends a word.</summary>
    Space,

    /// <summary>It is a word of its own.</summary>
    Alone,

    /// <summary>It is left out, as if it were not there.</summary>
    Dropped,

    /// <summary>It is left out as the accent of the letter before it.</summary>
    Accent,

    /// <summary>It becomes more than one unit of UTF-16, or depends on its neighbours.</summary>
    Special,
}

/// <summary>A character that one of a text becomes.</summary>
internal readonly record struct CharacterForm(int Character, CharacterKind Kind)
{
    /// <summary>The most that one character becomes.</summary>
    public const int Most = 4;
}

/// <summary>
/// What becomes of each character by given rules. Nothing here asks the runtime for a culture or its library for Unicode, which may be missing.
/// </summary>
internal sealed class CharacterForms
{
    private const int HangulBase = 0xAC00, HangulCount = 11172, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7, Vowels = 21, Tails = 28;

    private static readonly ConcurrentDictionary<WordPieceRules, CharacterForms> Known = new();

    // Characters that have a canonical decomposition, and what of it is not of category Mn. Syllables of Hangul are computed.
    private static readonly Lazy<FrozenDictionary<int, int[]>> BaseCharacters = new(() => Read("BaseCharacters"));

    // Capital letters and the one small letter that each has, by Unicode 16: what a runtime says depends on its library, whose Unicode may be older.
    private static readonly Lazy<FrozenDictionary<int, int[]>> SmallLetters = new(() => Read("SmallLetters"));

    private readonly WordPieceRules _rules;
    private readonly CharacterKind[] _kinds = new CharacterKind[char.MaxValue + 1];
    private readonly char[] _forms = new char[char.MaxValue + 1];

    private CharacterForms(WordPieceRules rules)
    {
        _rules = rules;
        Span<CharacterForm> forms = stackalloc CharacterForm[CharacterForm.Most];
        for (int unit = 0; unit <= char.MaxValue; unit++)
        {
            if (char.IsSurrogate((char)unit) || IsFinalSigma(unit))
            {
                _kinds[unit] = CharacterKind.Special;
                continue;
            }

            bool isOne = Find(unit, forms) == 1 && forms[0].Character <= char.MaxValue;
            (_kinds[unit], _forms[unit]) = isOne ? (forms[0].Kind, (char)forms[0].Character) : (CharacterKind.Special, '\0');
        }
    }

    /// <summary>What becomes of each unit of UTF-16.</summary>
    public ReadOnlySpan<CharacterKind> Kinds => _kinds;

    /// <summary>The unit that each becomes that is not special.</summary>
    public ReadOnlySpan<char> Forms => _forms;

    /// <summary>The forms by given rules, made once.</summary>
    public static CharacterForms Of(WordPieceRules rules) => Known.GetOrAdd(rules, key => new CharacterForms(key));

    /// <summary>The small letter of a capital one; of other characters, these themselves.</summary>
    public static int ToSmall(int character) => SmallLetters.Value.TryGetValue(character, out int[]? small) ? small[0] : character;

    /// <summary>Gives what becomes of a character that is not a surrogate.</summary>
    /// <param name="character">The character.</param>
    /// <param name="forms">Room for <see cref="CharacterForm.Most"/>.</param>
    /// <returns>How many there are.</returns>
    public int Find(int character, Span<CharacterForm> forms)
    {
        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(character);
        if (IsDropped(character, category))
            return Put(character, CharacterKind.Dropped, forms);
        if (character <= char.MaxValue && char.IsWhiteSpace((char)character))
            return Put(character, CharacterKind.Space, forms);
        if (_rules.StripAccents && category == UnicodeCategory.NonSpacingMark)
            return Put(character, CharacterKind.Accent, forms);
        bool isAlone = _rules.SplitIdeographs && IsIdeograph(character);
        if (_rules.StripAccents && character is >= HangulBase and < HangulBase + HangulCount)
            return PutHangul(character - HangulBase, forms);
        if (!_rules.StripAccents || !BaseCharacters.Value.TryGetValue(character, out int[]? letters))
            return PutSmall(character, category, isAlone, forms);
        int count = 0;
        foreach (int letter in letters)
            count += PutSmall(letter, CharUnicodeInfo.GetUnicodeCategory(letter), isAlone, forms[count..]);
        return count;
    }

    /// <summary>Whether a character becomes one thing at the end of a word, and another before.</summary>
    public bool IsFinalSigma(int character) => character == 'Σ' && _rules is { LowerCase: true, Convention: WordPieceConvention.Google };

    private static int Put(int character, CharacterKind kind, Span<CharacterForm> forms)
    {
        forms[0] = new CharacterForm(character, kind);
        return 1;
    }

    private static int PutHangul(int syllable, Span<CharacterForm> forms)
    {
        (int rest, int tail) = Math.DivRem(syllable, Tails);
        (int lead, int vowel) = Math.DivRem(rest, Vowels);
        Put(LeadBase + lead, CharacterKind.Letter, forms);
        Put(VowelBase + vowel, CharacterKind.Letter, forms[1..]);
        return tail == 0 ? 2 : 2 + Put(TailBase + tail, CharacterKind.Letter, forms[2..]);
    }

    private int PutSmall(int character, UnicodeCategory category, bool isAlone, Span<CharacterForm> forms)
    {
        CharacterKind kind = isAlone || IsPunctuation(character, category) ? CharacterKind.Alone : CharacterKind.Letter;
        if (!_rules.LowerCase)
            return Put(character, kind, forms);
        if (character != 'İ')
            return Put(ToSmall(character), kind, forms);
        // The one character of which Unicode makes two small ones. Where accents are stripped it has lost its dot already.
        return Put('i', kind, forms) + Put('\u0307', kind, forms[1..]);
    }

    private bool IsDropped(int character, UnicodeCategory category) => character switch
    {
        '\t' or '\n' or '\r' => false,
        0xFFFD => true,
        _ => category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            || (category == UnicodeCategory.PrivateUse && _rules.Convention == WordPieceConvention.HuggingFace),
    };

    private static bool IsPunctuation(int character, UnicodeCategory category) => character switch
    {
        >= 33 and <= 47 or >= 58 and <= 64 or >= 91 and <= 96 or >= 123 and <= 126 => true,
        _ => category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation,
    };

    private bool IsIdeograph(int character) => character switch
    {
        >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0xF900 and <= 0xFAFF => true,
        >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0x2F800 and <= 0x2FA1F => true,
        >= 0x2B820 and < 0x2B920 => _rules.Convention == WordPieceConvention.Google,
        _ => false,
    };

    // Each line: a character, and what becomes of it.
    private static FrozenDictionary<int, int[]> Read(string table)
    {
        using Stream stream = typeof(CharacterForms).Assembly.GetManifestResourceStream(table)!;
        using var reader = new StreamReader(stream);
        var characters = new Dictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            int[] codes = Array.ConvertAll(line.Split(' '), code => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            characters.Add(codes[0], codes[1..]);
        }

        return characters.ToFrozenDictionary();
    }
}
