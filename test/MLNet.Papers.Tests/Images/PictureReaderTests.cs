using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Images;
using MLNet.Papers.Tests.Contract;
using SkiaSharp;

namespace MLNet.Papers.Tests.Images;

/// <summary>What is read of pictures: the bytes of <see cref="MLImage.Pixels"/>, as ExtractPixels takes them.</summary>
[TestClass]
public sealed class PictureReaderTests
{
    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32), DataRow(MLPixelFormat.Rgba32)]
    public void Colours_are_taken_as_they_lie_in_memory_whatever_the_opacity(MLPixelFormat format)
    {
        byte[] pixels = [1, 2, 3, 255, 10, 20, 30, 128, 40, 50, 60, 0, 0, 0, 0, 0];
        using MLImage picture = MLImage.CreateFromPixels(2, 2, format, pixels);
        float[] first = [1, 10, 40, 0], second = [2, 20, 50, 0], third = [3, 30, 60, 0];
        float[] expected = format == MLPixelFormat.Bgra32 ? [.. third, .. second, .. first] : [.. first, .. second, .. third];
        CollectionAssert.AreEqual(expected, Read(picture, new ImageShape(3, 2, 2)));
    }

    [TestMethod]
    public void Colours_of_a_file_are_multiplied_by_the_opacity()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(3, 1, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        bitmap.SetPixel(0, 0, new SKColor(200, 100, 50, 255));
        bitmap.SetPixel(1, 0, new SKColor(200, 100, 50, 128));
        bitmap.SetPixel(2, 0, new SKColor(200, 100, 50, 0));
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using var stream = new MemoryStream(png.ToArray());
        using MLImage picture = MLImage.CreateFromStream(stream);
        // 200 · 128 / 255 = 100.4, 100 · 128 / 255 = 50.2, 50 · 128 / 255 = 25.1
        CollectionAssert.AreEqual(new float[] { 200, 100, 0, 100, 50, 0, 50, 25, 0 }, Read(picture, new ImageShape(3, 1, 3)));
    }

    private static float[] Read(MLImage picture, ImageShape shape)
    {
        var view = new MemoryView([MemoryColumn.Objects("Image", new ImageDataViewType(), [picture])]);
        using Microsoft.ML.DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        RowReader reader = new ImageColumn("Image", shape, Scale: 1).CreateReader(cursor);
        Assert.IsTrue(cursor.MoveNext());
        float[] values = new float[shape.Size];
        reader.Read(values);
        return values;
    }
}
