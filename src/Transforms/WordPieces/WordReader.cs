using System.Buffers;
using System.Globalization;
using System.Text;

namespace MLNet.Papers.WordPieces;

/// <summary>Takes the words of a text, one after the other.</summary>
internal interface IWordReceiver
{
    /// <param name="word">The word, which is there only during the call.</param>
    void Take(in Word word);
}

/// <summary>A word of a text after cleaning, and where it stands in the text.</summary>
internal readonly ref struct Word
{
    /// <summary>Its units of UTF-16; of a word that is too long only the first.</summary>
    public ReadOnlySpan<char> Units { get; init; }

    /// <summary>Where in the text the character begins that each unit comes from, and where it ends with its accents.</summary>
    public ReadOnlySpan<int> Starts { get; init; }

    /// <inheritdoc cref="Starts"/>
    public ReadOnlySpan<int> Ends { get; init; }

    /// <summary>Where the word begins in the text.</summary>
    public int Start { get; init; }

    /// <summary>Where it ends.</summary>
    public int End { get; init; }

    /// <summary>Whether it has more characters than a word may have.</summary>
    public bool IsTooLong { get; init; }
}

/// <summary>Cleans texts and cuts them into words. Immutable: threads may share it.</summary>
internal sealed class WordReader
{
    private readonly CharacterForms _forms;
    private readonly int _mostCharacters;

    /// <exception cref="ArgumentException">The rules are none.</exception>
    public WordReader(WordPieceRules rules)
    {
        if (rules.FindFault() is { } fault)
            throw new ArgumentException(fault);
        (_forms, _mostCharacters) = (CharacterForms.Of(rules), rules.MaxWordLength);
    }

    /// <summary>Reads the words of a text.</summary>
    public void Read<TReceiver>(ReadOnlySpan<char> text, ref TReceiver receiver)
        where TReceiver : struct, IWordReceiver
    {
        // No character becomes more than two units that are left of it in the end.
        int most = 2 * _mostCharacters;
        var word = new Builder(stackalloc char[most], stackalloc int[most], stackalloc int[most], _mostCharacters);
        ReadOnlySpan<CharacterKind> kinds = _forms.Kinds;
        ReadOnlySpan<char> forms = _forms.Forms;
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i];
            switch (kinds[unit])
            {
                case CharacterKind.Letter:
                    i += word.AddLetters(text[i..], i, kinds, forms) - 1;
                    break;
                case CharacterKind.Space:
                    word.End(ref receiver);
                    break;
                case CharacterKind.Alone:
                    word.End(ref receiver);
                    word.Add(forms[unit], i, i + 1);
                    word.End(ref receiver);
                    break;
                case CharacterKind.Accent:
                    word.Extend(i + 1);
                    break;
                case CharacterKind.Special:
                    i += AddSpecial(text, i, ref word, ref receiver) - 1;
                    break;
            }
        }

        word.End(ref receiver);
    }

    // Returns how many units were read.
    private int AddSpecial<TReceiver>(ReadOnlySpan<char> text, int at, ref Builder word, ref TReceiver receiver)
        where TReceiver : struct, IWordReceiver
    {
        // A surrogate without its other half is no character.
        if (Rune.DecodeFromUtf16(text[at..], out Rune rune, out int length) != OperationStatus.Done)
            return 1;
        Span<CharacterForm> forms = stackalloc CharacterForm[CharacterForm.Most];
        int count = _forms.Find(rune.Value, forms);
        if (_forms.IsFinalSigma(rune.Value) && IsAtEnd(text, at))
            forms[0] = new CharacterForm('ς', CharacterKind.Letter);
        foreach ((int character, CharacterKind kind) in forms[..count])
        {
            if (kind == CharacterKind.Alone)
                word.End(ref receiver);
            if (kind is CharacterKind.Letter or CharacterKind.Alone)
                word.Add(new Rune(character), at, at + length);
            if (kind == CharacterKind.Alone)
                word.End(ref receiver);
            if (kind == CharacterKind.Accent)
                word.Extend(at + length);
        }

        return length;
    }

    // Unicode's condition for a small sigma at the end of a word.
    private static bool IsAtEnd(ReadOnlySpan<char> text, int at)
    {
        ReadOnlySpan<char> before = text[..at], after = text[(at + 1)..];
        while (Rune.DecodeLastFromUtf16(before, out Rune rune, out int length) == OperationStatus.Done && IsIgnored(rune))
            before = before[..^length];
        while (Rune.DecodeFromUtf16(after, out Rune rune, out int length) == OperationStatus.Done && IsIgnored(rune))
            after = after[length..];
        return Rune.DecodeLastFromUtf16(before, out Rune last, out _) == OperationStatus.Done && IsCased(last)
            && !(Rune.DecodeFromUtf16(after, out Rune next, out _) == OperationStatus.Done && IsCased(next));

        static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.TitlecaseLetter
            || rune.Value is 'ª' or 'º' or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

        static bool IsIgnored(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
            || "'.:·\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A".Contains((char)Math.Min(rune.Value, char.MaxValue));
    }

    /// <summary>The word that is being read.</summary>
    private ref struct Builder(Span<char> units, Span<int> starts, Span<int> ends, int mostCharacters)
    {
        private readonly Span<char> _units = units;
        private readonly Span<int> _starts = starts, _ends = ends;
        private int _length, _characters, _start, _end;

        public void Add(char unit, int start, int end)
        {
            Count(start, end);
            Put(unit, start, end);
        }

        // Adds the first unit, which is a letter, and those behind it that are. Returns how many.
        public int AddLetters(ReadOnlySpan<char> text, int at, ReadOnlySpan<CharacterKind> kinds, ReadOnlySpan<char> forms)
        {
            int first = _length, most = Math.Min(text.Length, _units.Length - first), count = 0;
            if (most == 0)
            {
                Count(at, at + 1);
                return 1;
            }

            Span<char> units = _units.Slice(first, most);
            Span<int> starts = _starts.Slice(first, most), ends = _ends.Slice(first, most);
            for (; count < units.Length && kinds[text[count]] == CharacterKind.Letter; count++)
            {
                units[count] = forms[text[count]];
                starts[count] = at + count;
                ends[count] = at + count + 1;
            }

            if (_characters == 0)
                _start = at;
            _length += count;
            _characters += count;
            _end = at + count;
            return count;
        }

        public void Add(Rune character, int start, int end)
        {
            Count(start, end);
            Span<char> units = stackalloc char[2];
            foreach (char unit in units[..character.EncodeToUtf16(units)])
                Put(unit, start, end);
        }

        // An accent belongs to the letter before it.
        public void Extend(int end)
        {
            if (_characters == 0)
                return;
            _end = end;
            _ends[_length - 1] = end;
        }

        public void End<TReceiver>(ref TReceiver receiver)
            where TReceiver : struct, IWordReceiver
        {
            if (_characters == 0)
                return;
            receiver.Take(new Word
            {
                Units = _units[.._length],
                Starts = _starts[.._length],
                Ends = _ends[.._length],
                Start = _start,
                End = _end,
                IsTooLong = _characters > mostCharacters,
            });
            (_length, _characters) = (0, 0);
        }

        private void Count(int start, int end)
        {
            if (_characters++ == 0)
                _start = start;
            _end = end;
        }

        private void Put(char unit, int start, int end)
        {
            if (_length == _units.Length)
                return;
            (_units[_length], _starts[_length], _ends[_length]) = (unit, start, end);
            _length++;
        }
    }
}
