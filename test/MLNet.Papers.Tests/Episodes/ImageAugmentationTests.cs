using MLNet.Papers.Episodes;
using MLNet.Papers.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Episodes;

[TestClass]
public sealed class ImageAugmentationTests : TensorTests
{
    [TestMethod]
    public void A_turn_is_a_quarter_turn_of_each_channel()
    {
        var shape = new ImageShape(2, 5, 5);
        using var augmentation = new ImageAugmentation(shape, 0, CPU);
        Tensor images = tensor(Network.Rows(8, shape.Size), [8, shape.Size]);
        long[] quarters = [0, 1, 2, 3, 3, 2, 1, 0];
        Tensor turned = augmentation.Turn(images, quarters);
        for (int i = 0; i < 8; i++)
            CollectionAssert.AreEqual(Values(images[i].view(2, 5, 5).rot90(quarters[i], (1, 2))), Values(turned[i]), $"{quarters[i]} quarters");
    }

    [TestMethod]
    public void A_quarter_turn_goes_against_the_clock()
    {
        // 1 2    2 4
        // 3 4 -> 1 3
        using var augmentation = new ImageAugmentation(new(1, 2, 2), 0, CPU);
        CollectionAssert.AreEqual(new float[] { 2, 4, 1, 3 }, Values(augmentation.Turn(tensor(new float[,] { { 1, 2, 3, 4 } }), [1])));
    }

    [TestMethod]
    [DataRow(1, 6, 6)]
    [DataRow(3, 4, 7)]
    public void Jitter_without_strength_changes_nothing(int channels, int height, int width)
    {
        var shape = new ImageShape(channels, height, width);
        using var augmentation = new ImageAugmentation(shape, 0, CPU);
        Tensor images = tensor(Network.Rows(3, shape.Size), [3, shape.Size]);
        Assert.AreEqual(0, (augmentation.Jitter(images, new Random(1)) - images).abs().max().item<float>(), 1e-5);
    }

    [TestMethod]
    public void Jitter_is_an_affine_map_within_the_stated_bounds()
    {
        // The first channel holds each pixel's column and the second its row, counted from the middle: as sampling between pixels is linear, a distorted
        // image holds the places that its pixels came from, and from three of them the map can be read.
        const int Count = 200, Side = 21, Middle = Side / 2;
        var shape = new ImageShape(2, Side, Side);
        using var augmentation = new ImageAugmentation(shape, 1, CPU);
        float[] image =
        [
            .. from channel in new[] { 0, 1 } from row in Enumerable.Range(-Middle, Side) from column in Enumerable.Range(-Middle, Side) select (float)(
                channel == 0 ? column : row),
        ];
        Tensor images = tensor(image, [1, shape.Size]).repeat(Count, 1);
        Tensor distorted = augmentation.Jitter(images, new Random(1)).view(Count, 2, Side, Side);
        var draws = new double[Count][];
        for (int i = 0; i < Count; i++)
        {
            double X(int column, int row) => distorted[i, 0, Middle + row, Middle + column].item<float>();
            double Y(int column, int row) => distorted[i, 1, Middle + row, Middle + column].item<float>();

            // Columns of the linear part, and the shift; then a fourth place must follow.
            (double a, double c) = (X(3, 0) / 3 - X(0, 0) / 3, Y(3, 0) / 3 - Y(0, 0) / 3);
            (double b, double d) = (X(0, 3) / 3 - X(0, 0) / 3, Y(0, 3) / 3 - Y(0, 0) / 3);
            Assert.AreEqual(X(0, 0) - (4 * a) + (2 * b), X(-4, 2), 1e-3);
            Assert.AreEqual(Y(0, 0) - (4 * c) + (2 * d), Y(-4, 2), 1e-3);

            // The linear part as turn times shear times scaling.
            double turn = Math.Atan2(c, a), scaleX = Math.Sqrt((a * a) + (c * c)), scaleY = ((a * d) - (b * c)) / scaleX;
            double shear = ((Math.Cos(turn) * b) + (Math.Sin(turn) * d)) / scaleY;
            draws[i] =
            [
                turn / (15 * Math.PI / 180), shear / 0.15, Math.Log(scaleX) / 0.15, Math.Log(scaleY) / 0.15, X(0, 0) / (0.07 * Side), Y(0, 0) / (0.07 * Side),
            ];
        }

        // Each draw is even between -1 and 1: in 200 the extremes are beyond 0.9 (0.95^200 = 0.00004), the mean within 4 * 0.577 / sqrt(200) = 0.16.
        for (int draw = 0; draw < 6; draw++)
        {
            double[] values = [.. draws.Select(values => values[draw])];
            Assert.IsLessThanOrEqualTo(1.001, values.Max(Math.Abs), $"draw {draw}");
            Assert.IsTrue(values.Max() > 0.9 && values.Min() < -0.9, $"draw {draw}");
            Assert.AreEqual(0, values.Average(), 0.16, $"draw {draw}");
        }
    }

    [TestMethod]
    public void What_comes_in_from_outside_is_0()
    {
        using var augmentation = new ImageAugmentation(new(1, 9, 9), 4, CPU);
        Tensor distorted = augmentation.Jitter(ones(50, 81), new Random(1));
        Assert.AreEqual(0, distorted.min().item<float>());
        Assert.AreEqual(1, distorted.max().item<float>(), 1e-5);
    }

    [TestMethod]
    public void The_same_draws_give_the_same_images()
    {
        using var augmentation = new ImageAugmentation(new(1, 9, 9), 1, CPU);
        Tensor images = tensor(Network.Rows(4, 81), [4, 81]);
        float[] first = Values(augmentation.Jitter(images, new Random(3)));
        CollectionAssert.AreEqual(first, Values(augmentation.Jitter(images, new Random(3))));
        CollectionAssert.AreNotEqual(first, Values(augmentation.Jitter(images, new Random(4))));
    }

    [TestMethod]
    public void No_tensor_is_left()
    {
        Tensor images = tensor(Network.Rows(4, 81), [4, 81]);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (DisposeScope scope = NewDisposeScope())
        using (var augmentation = new ImageAugmentation(new(1, 9, 9), 1, CPU))
        {
            augmentation.Jitter(augmentation.Turn(images, [0, 1, 2, 3]), new Random(1));
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
