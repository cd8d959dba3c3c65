using Microsoft.ML;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>Options that contradict each other are refused when the estimator is made.</summary>
[TestClass]
public sealed class CoordConvOptionsTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Groups_must_divide_the_channels() => AssertRefused(
        "CoordConvFeaturizerOptions.Groups must divide the channels of every layer, but was 5, and a layer has 32.",
        () => _ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", new() { Normalization = Normalization.Group, Groups = 5 }));

    [TestMethod]
    public void Groups_of_a_prototypical_network_must_divide_its_filters() => AssertRefused(
        "PrototypicalNetworkOptions.Groups must divide the channels of every layer, but was 32, and a layer has 48.",
        () => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new() { ImageShape = new(1, 28, 28), Filters = 48, Normalization = Normalization.Group }));

    [TestMethod]
    public void Coordinates_of_a_prototypical_network_need_an_image() => AssertRefused(
        "PrototypicalNetworkOptions.Coordinates needs ImageShape, which is null.",
        () => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new() { Coordinates = true }));

    [TestMethod]
    public void A_deconvolution_needs_sides_that_are_a_power_of_two() => AssertRefused(
        "CoordinatePainterOptions.Height and Width must be equal and a power of two from 4 on without Coordinates, but were 48 and 48.",
        () => _ml.Transforms.CoordinatePainter(options: new() { Coordinates = false, Height = 48, Width = 48 }));

    [TestMethod]
    public void A_part_of_a_batch_is_no_larger_than_the_batch() => AssertRefused(
        "CoordConvNetOptions.MicroBatchSize must be at most BatchSize = 8, but was 9.",
        () => _ml.MulticlassClassification.Trainers.CoordConvNet(options: new() { BatchSize = 8, MicroBatchSize = 9 }));

    [TestMethod]
    public void A_classifier_has_at_least_one_convolution() => AssertRefused(
        "CoordConvNetOptions.HiddenChannels must have at least one convolution, but was empty.",
        () => _ml.MulticlassClassification.Trainers.CoordConvNet(options: new() { HiddenChannels = [] }));

    [TestMethod]
    public void Blocks_must_leave_a_pixel() => AssertRefused(
        "CoordConvFeaturizerOptions.Blocks must leave at least one pixel of an image of 3 × 6 × 64, but was 3.",
        () => _ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", new() { ImageShape = new(3, 6, 64) }));

    [TestMethod]
    public void Coordinates_are_added_to_an_image_of_at_least_one_pixel() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.AddCoordinateChannels("Located", "Image", channels: 1, height: 0, width: 3));

    private static void AssertRefused(string message, Action action) =>
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message, message, StringComparison.Ordinal);
}
