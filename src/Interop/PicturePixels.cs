using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.Papers.Interop;

/// <summary>The pixels of a picture as <see cref="MLImage.Pixels"/> has them, which itself fails beside SkiaSharp 3.</summary>
internal static class PicturePixels
{
    /// <summary>
    /// Reads the pixels: rows of four bytes a pixel in the order of <see cref="MLImage.PixelFormat"/>, the colours multiplied by the opacity.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="buffer">Holds them; replaced by a longer one if need be.</param>
    /// <exception cref="InvalidOperationException">The picture was disposed.</exception>
    public static ReadOnlySpan<byte> Read(MLImage picture, ref byte[] buffer)
    {
        int length = checked(picture.Width * picture.Height * 4);
        if (buffer.Length < length)
            buffer = new byte[length];
        Marshal.Copy(Bitmap(picture).GetPixels(), buffer, 0, length);
        GC.KeepAlive(picture);
        return buffer.AsSpan(0, length);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_image")]
    private static extern ref SKBitmap Bitmap(MLImage picture);
}
