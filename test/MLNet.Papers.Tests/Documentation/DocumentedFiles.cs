using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Bert;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>The files that the programs on the pages read.</summary>
internal static class DocumentedFiles
{
    private const int Side = 28;
    private const int Features = 8;

    /// <summary>The classes that the folder of new pictures has.</summary>
    public static IReadOnlyList<string> NewClasses { get; } = ["stripes 5", "stripes 6", "stripes 7"];

    /// <summary>
    /// Writes pictures of five known classes, one of each of three new ones, and others of these whose names say what they are, into the current directory.
    /// </summary>
    public static void WritePictures()
    {
        for (int kind = 0; kind < 8; kind++)
        {
            bool isNew = kind >= 5;
            string folder = Path.Combine(isNew ? "new-characters" : "characters", $"stripes {kind}");
            Directory.CreateDirectory(folder);
            for (int copy = 0; copy < (isNew ? 1 : 6); copy++)
                WritePicture(Path.Combine(folder, $"{copy}.png"), kind, copy);
            if (!isNew)
                continue;
            Directory.CreateDirectory("unknown");
            for (int copy = 1; copy < 4; copy++)
                WritePicture(Path.Combine("unknown", $"stripes {kind}, {copy}.png"), kind, copy);
        }
    }

    /// <summary>Writes a model of four classes, of which row n of the features is the number n modulo 4.</summary>
    public static void WriteModel()
    {
        var ml = new MLContext(seed: 1);
        int[] rows = [.. Enumerable.Range(0, 40)];
        var data = new MemoryView(
        [
            MemoryColumn.Vectors("Features", [.. rows.Select(FeaturesOf)]),
            MemoryColumn.Texts("Label", rows.Select(row => $"class {row % 4}")),
        ]);
        var chain = ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Features", new() { Episodes = 30, HiddenUnits = [8] })
            .Append(ml.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
        ml.Model.Save(chain.Fit(data), data.Schema, "model.zip");
    }

    /// <summary>Writes a small encoder into a folder that has a published one's name.</summary>
    public static void WriteEncoder()
    {
        using var small = new SmallBert();
        using PublishedBertFiles encoder = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        Directory.CreateDirectory("all-MiniLM-L6-v2");
        foreach (string file in Directory.GetFiles(encoder.Folder))
            File.Copy(file, Path.Combine("all-MiniLM-L6-v2", Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>The features of a row.</summary>
    public static float[] FeaturesOf(int row) => [.. Enumerable.Range(0, Features).Select(i => row % 4 == i ? 1f : row / 100f)];

    // Stripes of a width and a direction, dark on light, with noise.
    private static void WritePicture(string path, int kind, int copy)
    {
        var random = new Random((100 * kind) + copy);
        byte[] pixels = new byte[Side * Side * 4];
        for (int pixel = 0; pixel < Side * Side; pixel++)
        {
            int place = kind % 2 == 0 ? pixel / Side : pixel % Side;
            byte value = (byte)((place / (2 + (kind / 2)) % 2 == 0 ? 30 : 200) + random.Next(30));
            pixels.AsSpan(4 * pixel, 3).Fill(value);
            pixels[(4 * pixel) + 3] = 255;
        }

        using MLImage image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, pixels);
        image.Save(path);
    }
}
