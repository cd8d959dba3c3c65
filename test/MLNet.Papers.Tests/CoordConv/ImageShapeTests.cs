using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>Without ImageShape an image is what its column says; where the column says nothing, the option is asked for.</summary>
[TestClass]
public sealed class ImageShapeTests
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Dimensions_of_vectors_are_the_shape()
    {
        MemoryView rows = Labelled(Pictures.Vectors("Features", Shape)).WithDimensions("Features", 3, 8, 8);
        CollectionAssert.AreEqual(Scores(rows, Shape), Scores(rows, null));
        float[][] learned = [.. new ImageShape?[] { Shape, null }.Select(shape =>
        {
            using CoordConvFeaturizerTransformer model = _ml.Transforms
                .FeaturizeImageWithCoordConv("Vector", "Features", new() { ImageShape = shape, Filters = 2, Blocks = 2, FeatureCount = 3, Epochs = 1 })
                .Fit(rows);
            return model.Transform(rows).GetColumn<float[]>("Vector").First();
        })];
        CollectionAssert.AreEqual(learned[0], learned[1]);
        MemoryView places = new MemoryView([Pictures.Vectors("Features", Shape), MemoryColumn.Vectors("Place", Pictures.Places(8))]).WithDimensions(
            "Features", 3, 8, 8);
        using CoordinateRegressionTransformer located = _ml.Regression.Trainers.CoordinateRegression("Place", "Features", new() { Epochs = 1 }).Fit(places);
        Assert.HasCount(2, located.Transform(places).GetColumn<float[]>("Score").First());
    }

    [TestMethod]
    public void Pictures_of_one_size_are_taken_in_that_size()
    {
        MemoryView rows = Labelled(Pictures.Images("Picture", 12));
        EstimatorChain<CoordConvNetTransformer> chain = _ml.Transforms.ResizeImages("Features", 8, 8, "Picture").Append(
            _ml.MulticlassClassification.Trainers.CoordConvNet(options: new() { HiddenChannels = [2], Epochs = 1 }));
        using TransformerChain<CoordConvNetTransformer> model = chain.Fit(rows);
        Assert.AreEqual(2, model.Transform(rows).GetColumn<float[]>("Score").First().Length);
    }

    [TestMethod]
    [DataRow("plain")]
    [DataRow("interleaved")]
    [DataRow("pictures")]
    public void Where_the_column_says_nothing_the_option_is_asked_for(string kind)
    {
        MemoryView rows = kind switch
        {
            "plain" => Labelled(Pictures.Vectors("Features", Shape)),
            "interleaved" => Labelled(Pictures.Vectors("Features", Shape)).WithDimensions("Features", 8, 8, 3),
            _ => Labelled(Pictures.Images("Features", 8)),
        };
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.CoordConvNet().Fit(rows));
        Assert.Contains("Column 'Features' must be a vector of Single with the dimensions channels (1, 3 or 4), rows and columns, " +
            "or an image of known size, unless ImageShape says", error.Message);
    }

    [TestMethod]
    public void What_does_not_fit_the_shape_of_the_column_is_refused_by_the_option()
    {
        MemoryView rows = Labelled(Pictures.Vectors("Features", Shape)).WithDimensions("Features", 3, 8, 8);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.FeaturizeImageWithCoordConv("Vector", "Features", new() { Blocks = 4 }).Fit(rows));
        Assert.Contains("CoordConvFeaturizerOptions.Blocks must leave at least one pixel of an image of 3 × 8 × 8, but was 4.", error.Message);
    }

    private float[] Scores(IDataView rows, ImageShape? shape)
    {
        using CoordConvNetTransformer model =
            _ml.MulticlassClassification.Trainers.CoordConvNet(options: new() { ImageShape = shape, HiddenChannels = [2], Epochs = 1 }).Fit(rows);
        return model.Transform(rows).GetColumn<float[]>("Score").First();
    }

    private static MemoryView Labelled(MemoryColumn images) =>
        new([images, MemoryColumn.Texts("Label", Enumerable.Range(0, Pictures.Rows).Select(row => row % 2 == 0 ? "a" : "b"))]);
}
