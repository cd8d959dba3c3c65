using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>The layer and the networks against the paper: by hand, by a second route, and in their limits.</summary>
[TestClass]
public sealed class CoordConvFidelityTests
{
    private static readonly float Root2 = MathF.Sqrt(2);

    [TestMethod]
    [DataRow(false, 5)]
    [DataRow(true, 6)]
    public void An_image_with_coordinates_has_its_dimensions(bool withRadius, int channels)
    {
        var ml = new MLContext(seed: 1);
        IDataView rows = new MemoryView([MemoryColumn.Vectors("Features", [new float[3 * 8 * 4]])]);
        CoordinateChannelsTransformer transformer = ml.Transforms.AddCoordinateChannels("Image", "Features", 3, 8, 4, withRadius).Fit(rows);
        var type = (VectorDataViewType)transformer.Transform(rows).Schema["Image"].Type;
        CollectionAssert.AreEqual(new[] { channels, 8, 4 }, type.Dimensions.ToArray());
    }

    // Each axis is scaled by its own length: the released program divides both by the other's unless the image is square.
    [TestMethod]
    public void Rows_and_columns_go_from_minus_one_to_one_on_their_own_axis()
    {
        float[] rows = [-1, -1, -1, 1, 1, 1], columns = [-1, 0, 1, -1, 0, 1];
        CollectionAssert.AreEqual((float[])[.. rows, .. columns], CoordinateChannels.Of(height: 2, width: 3));
    }

    [TestMethod]
    public void Radius_is_the_distance_to_the_middle_of_the_image()
    {
        float[] corners = CoordinateChannels.Of(2, 2, withRadius: true)[8..];
        foreach (float radius in corners)
            Assert.AreEqual(Root2, radius, 1e-6);
        float[] channels = CoordinateChannels.Of(3, 3, withRadius: true);
        CollectionAssert.AreEqual(new float[] { 0, 0, 0 }, new[] { channels[4], channels[9 + 4], channels[18 + 4] });
        Assert.AreEqual(1, channels[18 + 1], 1e-6);  // the middle of the upper edge: row -1, column 0
    }

    [TestMethod]
    public void An_axis_of_one_pixel_is_zero() =>
        CollectionAssert.AreEqual(new float[] { 0, 0, 0, -1, 0, 1, 1, 0, 1 }, CoordinateChannels.Of(height: 1, width: 3, withRadius: true));

    // One pixel of 1 and a kernel that weighs it, its row, its column and its radius: 2 · 5 + 3 · (-1) + 7 · 1 + 11 · √2 + 0.5.
    [TestMethod]
    public void The_layer_convolves_the_image_and_the_coordinates()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using LayeredModule layer = Of(new(1, 2, 2), new Convolution(1, 1, Coordinates: true, WithRadius: true));
        Dictionary<string, Tensor> state = layer.state_dict();
        state["layers.0.weight"].copy_(tensor(new float[] { 2, 3, 7, 11 }).view(1, 4, 1, 1));
        state["layers.0.bias"].fill_(0.5);
        Tensor output = layer.forward(tensor(new float[] { 0, 5, 0, 0 }).view(1, 4)).view(1, 1, 2, 2);
        Assert.AreEqual((2 * 5) - 3 + 7 + (11 * Root2) + 0.5f, output[0, 0, 0, 1].item<float>(), 1e-5);
        Assert.AreEqual(3 - 7 + (11 * Root2) + 0.5f, output[0, 0, 1, 0].item<float>(), 1e-5);
    }

    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(3, 1, 1)]
    [DataRow(3, 2, 20)]
    [DataRow(5, 2, 3)]
    public void With_coordinate_weights_at_zero_the_layer_is_a_convolution(int kernelSize, int stride, int images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using var random = new InitialWeights(3);
        using LayeredModule layer = Of(new(3, 7, 5), new Convolution(4, kernelSize, stride, Coordinates: true, WithRadius: true));
        Tensor weight = layer.state_dict()["layers.0.weight"], bias = layer.state_dict()["layers.0.bias"], input = randn(images, 3, 7, 5);
        float[] located = Values(layer.forward(input.flatten(1)));
        weight.narrow(1, 3, 3).zero_();
        float[] expected = Values(nn.functional.conv2d(input, weight.narrow(1, 0, 3).contiguous(), bias, [stride, stride], [kernelSize / 2, kernelSize / 2]));
        float[] plain = Values(layer.forward(input.flatten(1)));
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], plain[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])));
        Assert.IsTrue(located.Zip(expected).Any(pair => Math.Abs(pair.First - pair.Second) > 0.01), "With its coordinates the layer must give something else.");
    }

    // The same object two pixels further: a plain convolution gives the same values two pixels further, and a CoordConv does not.
    [TestMethod]
    public void With_image_weights_at_zero_the_layer_is_a_function_of_the_place_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using LayeredModule layer = Of(new(2, 4, 6), new Convolution(3, 1, Coordinates: true));
        layer.state_dict()["layers.0.weight"].narrow(1, 0, 2).zero_();
        float[] one = Values(layer.forward(rand(1, 48))), other = Values(layer.forward(rand(1, 48)));
        CollectionAssert.AreEqual(one, other);
        Assert.IsGreaterThan(3, one.Distinct().Count());
    }

    [TestMethod]
    public void Networks_have_as_many_parameters_as_the_paper_says()
    {
        int[] hidden = [32, 32, 64, 64];
        Assert.AreEqual(7_553, CoordConvNetworks.Painter(64, 64, hidden, PaintedOutput.PixelSoftmax, 1).ParameterCount);
        Assert.AreEqual(11_850, CoordConvNetworks.Painter(64, 64, hidden, PaintedOutput.Render, 1).ParameterCount);
        Assert.AreEqual(906, CoordConvNetworks.Regressor(new(1, 64, 64), 2, withRadius: false).ParameterCount);
        Assert.AreEqual(103_585, CoordConvNetworks.Deconvolution(64, 3, 1, Normalization.Batch, 1).ParameterCount);
        Assert.AreEqual(409_921, CoordConvNetworks.Deconvolution(64, 3, 2, Normalization.Batch, 1).ParameterCount);
        Assert.AreEqual(1_632_001, CoordConvNetworks.Deconvolution(64, 4, 3, Normalization.Batch, 1).ParameterCount);
        Assert.AreEqual(72_850, CoordConvNetworks.Regressor(new(1, 64, 64), 2, PlainRegressor.Pooling, 1, Normalization.Batch, 1).ParameterCount);
        Assert.AreEqual(12_914, CoordConvNetworks.Regressor(new(1, 64, 64), 2, PlainRegressor.Strides, 1, Normalization.Batch, 1).ParameterCount);
    }

    // The number that torch counts, by another route than the architecture's own shapes.
    [TestMethod]
    [DataRow(2), DataRow(3), DataRow(4), DataRow(5)]
    public void A_transposed_convolution_doubles_both_sides(int kernelSize)
    {
        LayeredArchitecture architecture = CoordConvNetworks.Deconvolution(16, kernelSize, 1, Normalization.Batch, 1);
        using DisposeScope scope = NewDisposeScope();
        using var network = new LayeredModule(architecture);
        Assert.AreEqual(architecture.ParameterCount, network.parameters().Sum(parameter => parameter.numel()));
        CollectionAssert.AreEqual(new long[] { 3, 256 }, network.forward(rand(3, 2)).shape);
    }

    [TestMethod]
    public void The_transform_puts_the_coordinates_after_the_channels()
    {
        var ml = new MLContext(1);
        IDataView data = new MemoryView([MemoryColumn.Vectors("Image", [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]])]);
        using CoordinateChannelsTransformer model = ml.Transforms.AddCoordinateChannels("Located", "Image", channels: 2, height: 2, width: 3).Fit(data);
        float[] located = model.Transform(data).GetColumn<float[]>("Located").Single();
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1, -1, -1, 1, 1, 1, -1, 0, 1, -1, 0, 1 }, located);
    }

    // Pictures give what ML.NET's own pixel extractor gives, and one of another size is resized.
    [TestMethod]
    public void The_transform_reads_pictures()
    {
        byte[] bytes = [10, 20, 30, 255, 40, 50, 60, 255, 70, 80, 90, 255, 100, 110, 120, 255];  // blue, green, red, opacity
        using MLImage picture = MLImage.CreateFromPixels(2, 2, MLPixelFormat.Bgra32, bytes);
        IDataView data = new MemoryView([MemoryColumn.Objects("Image", new Microsoft.ML.Transforms.Image.ImageDataViewType(), new[] { picture })]);
        var ml = new MLContext(1);
        using CoordinateChannelsTransformer model = ml.Transforms.AddCoordinateChannels("Located", "Image", channels: 3, height: 2, width: 2).Fit(data);
        float[] expected = [30, 60, 90, 120, 20, 50, 80, 110, 10, 40, 70, 100, -1, -1, 1, 1, -1, 1, -1, 1];
        CollectionAssert.AreEqual(expected, model.Transform(data).GetColumn<float[]>("Located").Single());
        using CoordinateChannelsTransformer small = ml.Transforms.AddCoordinateChannels("Located", "Image", channels: 3, height: 1, width: 1).Fit(data);
        float[] means = small.Transform(data).GetColumn<float[]>("Located").Single();
        Network.AssertClose([75, 65, 55, 0, 0], means, 1e-6);
    }

    private static LayeredModule Of(ImageShape shape, Convolution convolution) => new(new LayeredArchitecture { Input = shape, Layers = [convolution] });

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
