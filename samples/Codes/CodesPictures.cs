using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.Codes;

/// <summary>The picture of a technique that learns codes.</summary>
internal static class CodesPictures
{
    private const int Cell = 48;
    private const int Gap = 4;
    private const int Margin = 20;
    private const int Columns = 16;
    private const float LetterHeight = 9;

    private static readonly SKColor Ink = new(30, 30, 30);

    /// <summary>Draws images and what comes back of them, ways between two images, and invented ones.</summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="codec">The technique, which gives <c>Codes.Reconstruction</c>.</param>
    /// <param name="ml">The context.</param>
    /// <param name="test">Images that were not learned from; 16 at least.</param>
    /// <param name="seed">Seed of the invented ones.</param>
    public static void Save(string path, AutoencoderTransformer codec, MLContext ml, IReadOnlyList<CharacterImage> test, int seed)
    {
        CharacterImage[] shown = [.. test.Take(Columns)];
        IEnumerable<float[]> restored = codec.Transform(LabelledImage.View(ml, shown)).GetColumn<float[]>("Codes.Reconstruction");
        float[][] invented = [.. codec.Generate(3 * Columns, seed).GetColumn<float[]>("Pixels")];
        (string Caption, float[][][] Rows)[] blocks =
        [
            ("Images that were not learned from, and below each what its codes say", [[.. shown.Select(image => image.Pixels)], [.. restored]]),
            ("From one image to another", [.. Enumerable.Range(0, 3).Select(i => Between(shown[2 * i].Pixels, shown[(2 * i) + 1].Pixels))]),
            ("Invented", [.. invented.Chunk(Columns)]),
        ];
        int height = blocks.Sum(block => 34 + (block.Rows.Length * (Cell + Gap))) + Margin;
        using var picture = new Picture((2 * Margin) + (Columns * (Cell + Gap)), height);
        float top = 0;
        foreach ((string caption, float[][][] rows) in blocks)
        {
            Lettering.Write(picture.Canvas, caption, new SKPoint(Margin, top + 26), LetterHeight, Ink);
            top += 34;
            foreach (float[][] row in rows)
            {
                for (int column = 0; column < row.Length; column++)
                    picture.DrawInk(row[column], CharacterImage.Side, SKRect.Create(Margin + (column * (Cell + Gap)), top, Cell, Cell));
                top += Cell + Gap;
            }
        }

        picture.Save(path);

        float[][] Between(float[] first, float[] last) => [.. codec.Interpolate(first, last, Columns).GetColumn<float[]>("Pixels")];
    }
}
