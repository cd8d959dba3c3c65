using System.Text.Unicode;

namespace MLNet.Papers.FastText;

/// <summary>A buffer that turns the text of a row, or several texts, into UTF-8. Surrogates without a partner become U+FFFD. One thread's own.</summary>
internal sealed class Utf8Text
{
    private byte[] _buffer = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>The bytes of one text, in place of what was there before.</summary>
    public ReadOnlySpan<byte> Encode(ReadOnlySpan<char> text)
    {
        Clear();
        Append(text);
        return Bytes;
    }

    /// <summary>Adds a text, with a space between it and the one before.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        int needed = checked(_length + (3 * text.Length) + 1);
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max(needed, 2L * _buffer.Length), Array.MaxLength));
        if (_length > 0)
            _buffer[_length++] = (byte)' ';
        Utf8.FromUtf16(text, _buffer.AsSpan(_length), out _, out int written);
        _length += written;
    }
}
