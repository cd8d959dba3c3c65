using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>Small pictures with a bright spot, and inputs that are none.</summary>
internal static class Pictures
{
    public const int Rows = 24;

    /// <summary>The places of the spot, (x, y), all different, from 1 to side - 2.</summary>
    public static float[][] Places(int side) =>
        [.. Enumerable.Range(0, Rows).Select(row => new float[] { 1 + (row % (side - 2)), 1 + (row * 5 / 7 % (side - 2)) })];

    /// <summary>Vectors in CHW order, dark noise with a spot of 3 × 3.</summary>
    public static MemoryColumn Vectors(string name, ImageShape shape) => MemoryColumn.Vectors(name, Values(shape));

    /// <summary>Pictures with a spot, larger than what a network reads, and not all of one size.</summary>
    public static MemoryColumn Images(string name, int side)
    {
        float[][] places = Places(side);
        return MemoryColumn.Objects(name, new ImageDataViewType(), [.. places.Select((place, row) => Picture(place, side, enlargement: 2 + (row % 2)))]);
    }

    /// <summary>One white pixel at each place.</summary>
    public static MemoryColumn Pixels(string name, int side) => MemoryColumn.Vectors(name, [.. Places(side).Select(place =>
    {
        float[] image = new float[side * side];
        image[((int)place[1] * side) + (int)place[0]] = 1;
        return image;
    })]);

    /// <summary>Inputs without a column or with one of another type, which estimator and model refuse.</summary>
    public static IEnumerable<RejectedInput> Rejected(MemoryView rows, string column, int length, RejectedBy by = RejectedBy.Both)
    {
        yield return new(column, "missing", rows.Without(column), by);
        yield return new(column, "a text", rows.With(MemoryColumn.Texts(column, Enumerable.Repeat("1", Rows))), by);
        yield return new(column, "a vector of Double", rows.With(Vector(NumberDataViewType.Double, 1.0, length)), by);
        yield return new(column, "a vector of unknown length", rows.With(Vector(NumberDataViewType.Single, 1f, 0)), by);

        MemoryColumn Vector<T>(PrimitiveDataViewType itemType, T value, int size) =>
            MemoryColumn.Vectors(column, itemType, [.. Enumerable.Repeat(new VBuffer<T>(length, [.. Enumerable.Repeat(value, length)]), Rows)], size);
    }

    private static float[][] Values(ImageShape shape)
    {
        var random = new Random(7);
        return [.. Places(shape.Height).Select(place =>
        {
            float[] image = [.. Enumerable.Range(0, shape.Size).Select(_ => random.NextSingle() / 4)];
            for (int channel = 0; channel < shape.Channels; channel++)
            {
                for (int i = 0; i < 9; i++)
                    image[(((channel * shape.Height) + (int)place[1] - 1 + (i / 3)) * shape.Width) + (int)place[0] - 1 + (i % 3)] = 1;
            }

            return image;
        })];
    }

    private static MLImage Picture(float[] place, int side, int enlargement)
    {
        int pixels = side * enlargement;
        byte[] bytes = new byte[pixels * pixels * 4];
        for (int i = 0; i < pixels * pixels; i++)
        {
            int x = i % pixels / enlargement, y = i / pixels / enlargement;
            byte light = Math.Abs(x - place[0]) <= 1 && Math.Abs(y - place[1]) <= 1 ? (byte)255 : (byte)(i * 37 % 60);
            (bytes[4 * i], bytes[(4 * i) + 1], bytes[(4 * i) + 2], bytes[(4 * i) + 3]) = (light, (byte)(light / 2), (byte)(255 - light), 255);
        }

        return MLImage.CreateFromPixels(pixels, pixels, enlargement == 2 ? MLPixelFormat.Bgra32 : MLPixelFormat.Rgba32, bytes);
    }
}

/// <summary>Tells when training has begun.</summary>
internal sealed class Started(Action action) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => action();
}
