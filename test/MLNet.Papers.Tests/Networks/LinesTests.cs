using MLNet.Papers.Networks;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Lines of any length, copied value by value and by registers.</summary>
[TestClass]
public sealed class LinesTests
{
    private const int Count = 3;
    private const float Untouched = -1;

    private static readonly int[] Lengths = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50];

    [TestMethod]
    public void Gathered_are_the_values_at_a_stride_and_nothing_else_is_written()
    {
        foreach (int length in Lengths)
        {
            for (int stride = 1; stride <= 3; stride++)
            {
                for (int first = 0; first <= stride; first++)
                {
                    int width = first + ((length - 1) * stride) + 1, pitch = width + 5, targetPitch = length + 2;
                    float[] source = Numbers(((Count - 1) * pitch) + width), target = Cleared(((Count - 1) * targetPitch) + length + 20);
                    Lines.Gather(source, pitch, first, stride, target, targetPitch, length, Count);
                    float[] expected = Cleared(target.Length);
                    for (int line = 0; line < Count; line++)
                    {
                        for (int i = 0; i < length; i++)
                            expected[(line * targetPitch) + i] = source[(line * pitch) + first + (i * stride)];
                    }

                    CollectionAssert.AreEqual(expected, target, $"{length} values at a stride of {stride} from {first} on");
                }
            }
        }
    }

    [TestMethod]
    public void Scattered_are_the_values_of_the_sources_in_turn_and_nothing_else_is_written()
    {
        foreach (int length in Lengths)
        {
            for (int sources = 1; sources <= 3; sources++)
            {
                int pitch = length + 1, next = (Count * pitch) + 3, targetPitch = (length * sources) + 4;
                float[] source = Numbers(((sources - 1) * next) + ((Count - 1) * pitch) + length);
                float[] target = Cleared(((Count - 1) * targetPitch) + (length * sources) + 20), expected = Cleared(target.Length);
                Lines.Scatter(source, pitch, next, sources, target, targetPitch, length, Count);
                for (int line = 0; line < Count; line++)
                {
                    for (int i = 0; i < length * sources; i++)
                        expected[(line * targetPitch) + i] = source[(i % sources * next) + (line * pitch) + (i / sources)];
                }

                CollectionAssert.AreEqual(expected, target, $"{length} values of {sources} sources");
            }
        }
    }

    [TestMethod]
    public void Lines_that_leave_a_buffer_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Lines.Gather(new float[19], 10, 0, 1, new float[20], 10, 10, 2));
        Assert.ThrowsExactly<ArgumentException>(() => Lines.Gather(new float[20], 10, 0, 1, new float[19], 10, 10, 2));
        Assert.ThrowsExactly<ArgumentException>(() => Lines.Scatter(new float[39], 10, 20, 2, new float[40], 20, 10, 2));
        Assert.ThrowsExactly<ArgumentException>(() => Lines.Scatter(new float[40], 10, 20, 2, new float[39], 20, 10, 2));
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(number => (float)number)];

    private static float[] Cleared(int count)
    {
        float[] values = new float[count];
        Array.Fill(values, Untouched);
        return values;
    }
}
