using Microsoft.ML;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

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
        () => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(
            options: new() { ImageShape = new(1, 28, 28), Filters = 48, Normalization = Normalization.Group }));

    [TestMethod]
    public void Coordinates_of_a_prototypical_network_need_an_image() => AssertRefused(
        "PrototypicalNetworkOptions.Coordinates needs ImageShape, which is null.",
        () => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new() { Coordinates = true }));

    [TestMethod]
    public void A_deconvolution_needs_sides_that_are_a_power_of_two() => AssertRefused(
        "CoordinatePainterOptions.Height and Width must be equal and a power of two from 4 on without Coordinates, but were 48 and 48.",
        () => _ml.Generation.Trainers.CoordinatePainter(options: new() { Coordinates = false, Height = 48, Width = 48 }));

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
    [DataRow(Normalization.Instance, 4, 8)]
    [DataRow(Normalization.Group, 4, 8)]
    [DataRow(Normalization.Layer, 4, 1)]
    public void A_normalization_of_one_value_is_refused(Normalization normalization, int side, int channels) => AssertRefused(
        $"CoordConvNetOptions.Normalization must leave something of an image, but {normalization} normalizes {channels} × 1 × 1 values in {channels} groups " +
        "of 1: they are the same " +
        $"for every image. Take a larger ImageShape than 1 × {side} × {side}, fewer HiddenChannels, fewer Groups or Normalization.Batch.",
        () => _ml.MulticlassClassification.Trainers.CoordConvNet(options: new()
        {
            ImageShape = new(1, side, side),
            HiddenChannels = [8, 8, channels],
            Normalization = normalization,
            Groups = 8,
        }));

    [TestMethod]
    public void A_mean_of_two_normalized_values_is_refused() => AssertRefused(
        "CoordConvNetOptions.Normalization must leave something of an image, but Instance normalizes 8 × 1 × 2 values in 8 groups of 2, " +
        "whose mean is taken: they are the same for every image.",
        () => _ml.MulticlassClassification.Trainers.CoordConvNet(
            options: new() { ImageShape = new(1, 2, 4), HiddenChannels = [8, 8], Normalization = Normalization.Instance }));

    [TestMethod]
    public void A_regression_whose_strides_leave_one_value_to_normalize_is_refused() => AssertRefused(
        "CoordinateRegressionOptions.Normalization must leave something of an image, but Instance normalizes 16 × 1 × 1 values in 16 groups of 1: " +
        "they are the same for every image. " +
        "Take a larger ImageShape than 1 × 8 × 8, fewer Groups or Normalization.Batch.",
        () => _ml.Regression.Trainers.CoordinateRegression(options: new()
        {
            ImageShape = new(1, 8, 8),
            Coordinates = false,
            PlainRegressor = PlainRegressor.Strides,
            Normalization = Normalization.Instance,
        }));

    [TestMethod]
    public void A_softmax_over_one_pixel_is_refused() => AssertRefused(
        "CoordinatePainterOptions.Output must be PixelSigmoid where an image has one pixel, but was PixelSoftmax: one pixel alone has all of a distribution.",
        () => _ml.Generation.Trainers.CoordinatePainter(options: new() { Height = 1, Width = 1 }));

    [TestMethod]
    public void No_network_that_is_allowed_gives_the_same_for_every_image()
    {
        // On images of all small sizes each allowed network with fresh weights answers two images differently, as it does in training.
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int allowed = 0;
        foreach ((int height, int width) in Sizes())
        {
            foreach (Normalization normalization in Enum.GetValues<Normalization>())
            {
                var shape = new ImageShape(1, height, width);
                TechniqueOptions[] all =
                [
                    new CoordConvNetOptions { ImageShape = shape, HiddenChannels = [8, 8, 8], Normalization = normalization, Groups = 8 },
                    new CoordinateRegressionOptions
                    {
                        ImageShape = shape,
                        Coordinates = false,
                        PlainRegressor = PlainRegressor.Strides,
                        Normalization = normalization,
                        Groups = 16,
                    },
                    new DistillationOptions { ImageShape = shape, HiddenChannels = [8, 8], HiddenUnits = [], Normalization = normalization, Groups = 8 },
                    new PrototypicalNetworkOptions { ImageShape = shape, Filters = 8, Blocks = 2, Normalization = normalization, Groups = 8 },
                    new CoordConvFeaturizerOptions { ImageShape = shape, Filters = 8, Blocks = 2, Normalization = normalization, Groups = 8 },
                ];
                foreach (TechniqueOptions options in all.Where(IsAllowed))
                {
                    allowed++;
                    manual_seed(3);
                    using nn.Module<Tensor, Tensor> network = options switch
                    {
                        CoordConvNetOptions net => new LayeredModule(net.Architecture(3)),
                        CoordinateRegressionOptions regression => new LayeredModule(regression.Architecture(3)),
                        DistillationOptions student => new LayeredModule(student.Architecture(shape.Size, 3)),
                        PrototypicalNetworkOptions prototypes => new LayeredModule(prototypes.Architecture(shape.Size)),
                        _ => new LayeredModule(((CoordConvFeaturizerOptions)options).Architecture()),
                    };
                    Tensor outputs = network.forward(randn(6, shape.Size).mul(10));
                    double spread = (outputs.amax([0L]) - outputs.amin([0L])).abs().max().item<float>();
                    Assert.IsGreaterThan(1e-4, spread, $"{options.GetType().Name} with {normalization} on {shape}");
                }
            }
        }

        Assert.IsGreaterThan(100, allowed);

        static IEnumerable<(int Height, int Width)> Sizes() =>
            from height in Enumerable.Range(1, 9) from width in new[] { 1, 2, 4, 5, 9 } select (height, width);

        static bool IsAllowed(TechniqueOptions options)
        {
            try
            {
                options.Validate();
                return true;
            }
            catch (ArgumentOutOfRangeException)
            {
                return false;
            }
        }
    }

    [TestMethod]
    public void Coordinates_are_added_to_an_image_of_at_least_one_pixel() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.AddCoordinateChannels("Located", "Image", channels: 1, height: 0, width: 3));

    private static void AssertRefused(string message, Action action) =>
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message, message, StringComparison.Ordinal);
}
