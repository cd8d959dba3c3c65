using MLNet.Papers.Images;
using MLNet.Papers.Tests.Networks;

namespace MLNet.Papers.Tests.Images;

/// <summary>Pictures of any size become images of one size.</summary>
[TestClass]
public sealed class ResamplingTests
{
    [TestMethod]
    public void A_picture_of_the_right_size_keeps_its_values() =>
        CollectionAssert.AreEqual(new float[] { 3, 6, 2, 5, 1, 4 }, Resize([1, 2, 3, 4, 5, 6], width: 2, height: 1, new(3, 1, 2)));

    [TestMethod]
    public void One_channel_is_the_luminance() =>
        Network.AssertClose([(0.299f * 30) + (0.587f * 20) + (0.114f * 10)], Resize([10, 20, 30], 1, 1, new(1, 1, 1)), 1e-6);

    // New centres lie at 0.25, 0.75, 1.25 and 1.75 old pixels, old ones at 0.5 and 1.5.
    [TestMethod]
    public void Growing_interpolates() => Network.AssertClose([10, 15, 25, 30], Resize(Grey(10, 30), 2, 1, new(1, 1, 4)), 1e-5);

    // The first new pixel has its centre at 1 and reaches 2 to both sides: weights 0.75, 0.75 and 0.25 of 1.75.
    [TestMethod]
    public void Shrinking_takes_the_mean_over_an_area() =>
        Network.AssertClose(
            [((0.75f * 10) + (0.75f * 30) + (0.25f * 50)) / 1.75f, ((0.25f * 30) + (0.75f * 50) + (0.75f * 70)) / 1.75f],
            Resize(Grey(10, 30, 50, 70), 4, 1, new(1, 1, 2)), 1e-5);

    [TestMethod]
    public void Rows_are_resized_like_columns()
    {
        byte[] line = Grey(0, 200, 40, 90, 250);
        Network.AssertClose(Resize(line, 5, 1, new(1, 1, 3)), Resize(line, 1, 5, new(1, 3, 1)), 1e-6);
    }

    [TestMethod]
    [DataRow(1, 1), DataRow(3, 9), DataRow(50, 7), DataRow(640, 480)]
    public void A_picture_of_one_colour_stays_one(int width, int height)
    {
        byte[] picture = [.. Enumerable.Repeat(new byte[] { 7, 100, 200 }, width * height).SelectMany(pixel => pixel)];
        Network.AssertClose(
            [.. new float[] { 200, 100, 7 }.SelectMany(value => Enumerable.Repeat(value, 35))], Resize(picture, width, height, new(3, 5, 7)), 1e-5);
    }

    private static byte[] Grey(params byte[] values) => [.. values.SelectMany(value => new[] { value, value, value })];

    // Of a picture of three bytes a pixel, blue, green and red.
    private static float[] Resize(byte[] picture, int width, int height, ImageShape shape)
    {
        float[] values = new float[shape.Size];
        byte[] pixels = [.. picture.Chunk(3).SelectMany(pixel => (byte[])[.. pixel, 255])];
        new Resampling(shape, scale: 1).Resize(pixels, width, height, isRedFirst: false, values);
        return values;
    }
}
