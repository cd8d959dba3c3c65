using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.CoordConv;
using MLNet.Papers.Samples.PrototypicalNetworks;
using SkiaSharp;

namespace MLNet.Papers.Tests.Images;

/// <summary>What must be seen on pictures that the samples draw.</summary>
[TestClass]
public sealed class SamplePicturesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pictures-").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Every_drawing_of_a_task_is_shown()
    {
        const int Classes = 21, Writers = 10, SmallestSide = 40;
        CharacterImage[] support = [.. Enumerable.Range(0, Classes).Select(index => Image(index, writer: 1, ink: 0))];
        CharacterImage[] queries =
        [
            .. from writer in Enumerable.Range(2, Writers - 1)
               from index in Enumerable.Range(0, Classes)
               select Image(index, writer, ink: 1),
        ];
        string path = Path.Combine(_folder, "task.png");

        FewShotPictures.SaveTask(path, "Black drawings", new AnsweredTask(support, [.. queries.Select(query => (query, query.Character))]));

        using SKBitmap picture = SKBitmap.Decode(path);
        int black = picture.Pixels.Count(pixel => pixel == SKColors.Black);
        Assert.IsGreaterThan(queries.Length * SmallestSide * SmallestSide, black, $"{queries.Length} black squares must be seen.");
    }

    [TestMethod]
    public void A_small_object_is_not_hidden_by_the_marks_around_it()
    {
        const int Side = 90, Object = 6, At = 40;
        using (var scene = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Bgra8888, SKAlphaType.Opaque)))
        {
            using var canvas = new SKCanvas(scene);
            canvas.Clear(SKColors.Blue);
            using var paint = new SKPaint { Color = SKColors.Magenta };
            canvas.DrawRect(SKRect.Create(At, At, Object, Object), paint);
            using SKData png = scene.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(Path.Combine(_folder, "scene.png"), png.ToArray());
        }

        const float Middle = At + (Object / 2f) - 0.5f;
        var picture = new LocatedPicture { Path = "scene.png", X = Middle, Y = Middle };
        int unmarked = Magenta((0, 0));

        // Exactly there, and so far beside it that an arm of the cross would lie on the object.
        foreach ((float X, float Y) plain in ((float, float)[])[(Middle, Middle), (Middle - 13, Middle), (Middle, Middle + 13)])
            Assert.AreEqual(unmarked, Magenta(plain), $"found at {plain}");
        Assert.IsGreaterThan(4 * Object * Object, unmarked, "The object is enlarged.");

        int Magenta((float X, float Y) plain)
        {
            string path = Path.Combine(_folder, "located.png");
            LocatedPictures.Save(path, _folder, [picture], coordConv: [(Middle, Middle)], plain: [plain]);
            using SKBitmap sheet = SKBitmap.Decode(path);
            return sheet.Pixels.Count(pixel => pixel == SKColors.Magenta);
        }
    }

    private static CharacterImage Image(int index, int writer, float ink)
    {
        float[] pixels = new float[CharacterImage.Side * CharacterImage.Side];
        Array.Fill(pixels, ink);
        return new CharacterImage($"character-{index:00}", "", writer, pixels);
    }
}
