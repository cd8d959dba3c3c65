using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>What a user types, on files.</summary>
[TestClass]
public sealed class UserCodeTests
{
    [TestMethod]
    public void A_pipeline_from_files_to_a_position_fits_saves_and_loads()
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            Located[] rows = [.. Enumerable.Range(0, 64).Select(i => Paint(folder, i))];
            var ml = new MLContext(seed: 1);
            IDataView data = ml.Data.LoadFromEnumerable(rows);
            var locate = ml.Transforms.LoadImages("Image", folder, "Path")
                .Append(ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", new()
                {
                    LabelColumnName = "Position",
                    Normalization = Normalization.Group,
                    ImageShape = new(3, 24, 24),
                    Filters = 16,
                    Epochs = 40,
                }))
                .AppendCacheCheckpoint(ml)  // the regression reads its rows many times
                .Append(ml.Regression.Trainers.Sdca("X", "Features", maximumNumberOfIterations: 30));
            var model = locate.Fit(data);
            ml.Model.Save(model, data.Schema, Path.Combine(folder, "model.zip"));
            ITransformer loaded = new MLContext().Model.Load(Path.Combine(folder, "model.zip"), out _);
            float[] expected = [.. model.Transform(data).GetColumn<float>("Score")], actual = [.. loaded.Transform(data).GetColumn<float>("Score")];
            CollectionAssert.AreEqual(expected, actual);
            Assert.IsGreaterThan(0.9, ml.Regression.Evaluate(model.Transform(data), "X").RSquared);
            using PredictionEngine<Located, Found> engine = ml.Model.CreatePredictionEngine<Located, Found>(loaded);
            Assert.AreEqual(expected[3], engine.Predict(rows[3]).Score, 1e-3);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_number_read_off_pictures_is_evaluated_and_cross_validated_by_ML_NET()
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            var ml = new MLContext(seed: 1);
            IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => Paint(folder, i)).ToArray());
            var across = ml.Transforms.LoadImages("Image", folder, "Path").Append(
                ml.Regression.Trainers.CoordinateRegression(
                    "X", "Image", new() { ImageShape = new(1, 16, 16), Coordinates = false, Epochs = 60, BatchSize = 8 }));
            var model = across.Fit(data);
            IDataView scored = model.Transform(data);
            Assert.AreEqual(NumberDataViewType.Single, scored.Schema["Score"].Type);
            Assert.IsGreaterThan(0.8, ml.Regression.Evaluate(scored, "X").RSquared);
            ml.Model.Save(model, data.Schema, Path.Combine(folder, "model.zip"));
            IDataView loaded = new MLContext().Model.Load(Path.Combine(folder, "model.zip"), out _).Transform(data);
            CollectionAssert.AreEqual(scored.GetColumn<float>("Score").ToArray(), loaded.GetColumn<float>("Score").ToArray());
            Assert.IsTrue(ml.Regression.CrossValidate(data, across, numberOfFolds: 2, labelColumnName: "X").All(fold => fold.Metrics.RSquared > 0.5));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A picture that is missing is a row without a value, in a fit an error that says where.
    [TestMethod]
    public void A_row_without_a_picture_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            Located[] rows = [.. Enumerable.Range(0, 4).Select(i => Paint(folder, i))];
            rows[2].Path = "";
            var ml = new MLContext(seed: 1);
            IDataView pictures = ml.Transforms.LoadImages("Image", folder, "Path").Fit(ml.Data.LoadFromEnumerable(rows))
                .Transform(ml.Data.LoadFromEnumerable(rows));
            var exception = Assert.ThrowsExactly<InvalidOperationException>(
                () => ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", new() { ImageShape = new(3, 8, 8) }).Fit(pictures));
            Assert.AreEqual("Column 'Image' must have an image in every row, but has none in row 2.", exception.Message);
            using CoordinateChannelsTransformer channels = ml.Transforms.AddCoordinateChannels("Located", "Image", 3, 4, 4).Fit(pictures);
            bool[] isMissing = [.. channels.Transform(pictures).GetColumn<float[]>("Located").Select(values => values.All(float.IsNaN))];
            CollectionAssert.AreEqual(new[] { false, false, true, false }, isMissing);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Located Paint(string folder, int index)
    {
        int x = 8 + (index % 8 * 8), y = 8 + (index / 8 * 6);
        using var bitmap = new SKBitmap(new SKImageInfo(72, 60));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColors.Orange })
        {
            canvas.Clear(SKColors.DarkSlateGray);
            canvas.DrawCircle(x, y, 5, paint);
        }

        string name = $"{index}.png";
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using FileStream file = File.Create(Path.Combine(folder, name));
        png.SaveTo(file);
        return new Located { Path = name, X = x, Position = [x, y] };
    }

    private sealed class Located
    {
        public string Path { get; set; } = "";

        public float X { get; set; }

        [VectorType(2)]
        public float[] Position { get; set; } = [];
    }

    private sealed class Found
    {
        public float Score { get; set; }
    }
}
