using MLNet.Papers.Interop;

namespace MLNet.Papers.Cactus;

/// <summary>Moves rows so that their mean is the origin: close to it, differences of Single keep their digits wherever the rows came from.</summary>
internal static class Centring
{
    /// <summary>The mean of rows, and the rows less it.</summary>
    public static (double[] Mean, float[] Rows) Around(ReadOnlySpan<float> rows, int size, Action? check = null)
    {
        double[] mean = MeanOf(rows, size, check);
        return (mean, Subtract(rows, mean, check));
    }

    /// <summary>The mean of rows, which are one after the other.</summary>
    /// <param name="rows">N rows, at least one.</param>
    /// <param name="size">D, the length of a row.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public static double[] MeanOf(ReadOnlySpan<float> rows, int size, Action? check = null)
    {
        double[] mean = new double[size];
        var polling = new Polling(check);
        for (int first = 0; first < rows.Length; first += size)
        {
            polling.Turn();
            for (int i = 0; i < size; i++)
                mean[i] += rows[first + i];
        }

        for (int i = 0; i < size; i++)
            mean[i] /= rows.Length / size;
        return mean;
    }

    /// <summary>The rows less their mean.</summary>
    public static float[] Subtract(ReadOnlySpan<float> rows, ReadOnlySpan<double> mean, Action? check = null)
    {
        float[] centred = new float[rows.Length];
        var polling = new Polling(check);
        for (int first = 0; first < rows.Length; first += mean.Length)
        {
            polling.Turn();
            for (int i = 0; i < mean.Length; i++)
                centred[first + i] = (float)(rows[first + i] - mean[i]);
        }

        return centred;
    }

    /// <summary>The rows with their mean again.</summary>
    public static float[] Add(ReadOnlySpan<float> centred, ReadOnlySpan<double> mean)
    {
        float[] rows = new float[centred.Length];
        for (int first = 0; first < rows.Length; first += mean.Length)
        {
            for (int i = 0; i < mean.Length; i++)
                rows[first + i] = (float)(centred[first + i] + mean[i]);
        }

        return rows;
    }
}
