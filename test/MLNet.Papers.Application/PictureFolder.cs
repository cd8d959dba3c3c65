using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;

namespace MLNet.Papers.Application;

/// <summary>A folder of picture files, one folder a class, learned by everything that reads images.</summary>
static class PictureFolder
{
    const int Side = 16, Each = 6;

    public static readonly string[] Classes = ["across", "down", "corner"];

    sealed record Row(string Path, string Label, float Offset);

    public static string Run(MLContext ml)
    {
        IDataView files = Write(ml);
        ImageShape shape = new(3, Side, Side);
        var load = ml.Transforms.LoadImages("Image", "pictures", "Path");

        var fewShot = load.Append(ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Image", new()
        {
            ImageShape = shape,
            Episodes = 30,
            Ways = 3,
            Filters = 8,
            Blocks = 2,
        }));
        double accuracy = ml.MulticlassClassification.Evaluate(fewShot.Fit(files).Transform(files)).MicroAccuracy;

        IDataView images = load.Fit(files).Transform(files);
        using var maml = ml.MulticlassClassification.Trainers.Maml("Label", "Image", new()
        {
            ImageShape = shape,
            Steps = 2,
            Ways = 3,
            TasksPerStep = 1,
            Filters = 4,
            Blocks = 2,
        }).Fit(images);
        using var cactus = ml.Transforms.FeaturizeWithCactus("Features", "Image", new()
        {
            ImageShape = shape,
            Clusters = 3,
            Partitions = 2,
            Ways = 2,
            QueriesPerClass = 2,
            Steps = 2,
            Filters = 4,
            Blocks = 2,
            EmbeddingSize = 4,
            MinimumUsableClusters = 0.3,
        }).Fit(images);
        using var student = ml.MulticlassClassification.Trainers.Distillation(maml, "Label", "Image", new()
        {
            ImageShape = shape,
            HiddenChannels = [4],
            Epochs = 2,
        }).Fit(images);
        int rows = new ITransformer[] { maml, cactus.WithSupport(images), student }
            .Sum(model => model.Transform(images).GetColumn<float[]>("Score").Count(score => score.All(float.IsFinite)));
        return $"{(accuracy > 0.8 ? "learned" : $"only {accuracy:F2}")}, {rows} of {3 * Classes.Length * Each} rows scored";
    }

    /// <summary>Draws the files.</summary>
    public static IDataView Write(MLContext ml)
    {
        var rows = new List<Row>();
        foreach (int i in Enumerable.Range(0, Classes.Length * Each))
        {
            byte[] pixels = new byte[Side * Side * 4];
            int offset = 4 + (i / Classes.Length);
            for (int pixel = 0; pixel < Side * Side; pixel++)
            {
                (int y, int x) = (pixel / Side, pixel % Side);
                bool isDrawn = (i % Classes.Length) switch { 0 => y == offset, 1 => x == offset, _ => x < offset && y < offset };
                byte light = (byte)(isDrawn ? 230 : (37 * pixel % 40));
                (pixels[4 * pixel], pixels[(4 * pixel) + 1], pixels[(4 * pixel) + 2], pixels[(4 * pixel) + 3]) = (light, light, light, 255);
            }

            string name = Classes[i % Classes.Length];
            Directory.CreateDirectory(Path.Combine("pictures", name));
            using MLImage image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, pixels);
            image.Save(Path.Combine("pictures", name, $"{i}.png"));
            rows.Add(new($"{name}/{i}.png", name, offset));
        }

        return ml.Data.LoadFromEnumerable(rows);
    }
}
