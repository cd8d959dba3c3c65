using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Tests.Images;

/// <summary>The font of the samples' pictures, which comes with them.</summary>
[TestClass]
public sealed class LetteringTests
{
    [TestMethod]
    public void Messages_in_English_and_German_and_words_of_other_languages_can_be_written()
    {
        string printable = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code));

        foreach (char letter in printable + "äöüßÄÖÜ„“”‘’…–×±→−²éñçøåłžшжω")
            Assert.IsTrue(Lettering.CanWrite(letter.ToString()), $"'{letter}' cannot be written.");
        Assert.IsFalse(Lettering.CanWrite("日本"), "The font has no Japanese.");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Capitals_are_as_high_as_asked_for_and_texts_as_wide_as_measured(bool isBold)
    {
        const int Left = 40, Foot = 70, Height = 30;
        using var paper = new SKBitmap(400, 100);
        using var canvas = new SKCanvas(paper);
        canvas.Clear(SKColors.White);

        Lettering.Write(canvas, "HIHIH", new SKPoint(Left, Foot), Height, SKColors.Black, isBold: isBold);

        (int X, int Y)[] ink =
        [
            .. from y in Enumerable.Range(0, paper.Height)
               from x in Enumerable.Range(0, paper.Width)
               where paper.GetPixel(x, y).Red < 128
               select (x, y),
        ];
        Assert.AreEqual((Foot - Height, Foot - 1), (ink.Min(place => place.Y), ink.Max(place => place.Y)), "rows");
        float width = Lettering.Measure("HIHIH", Height, isBold);
        Assert.IsTrue(ink.Min(place => place.X) is >= Left and < Left + 8, "It begins where it should.");
        Assert.IsTrue(ink.Max(place => place.X) < Left + width && ink.Max(place => place.X) > Left + width - 8, "It ends where it should.");
    }
}
