using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Generation;

/// <summary>Compares generated rows with real ones: see <see cref="GenerationMetrics"/>.</summary>
/// <param name="environment">Where to look whether to stop.</param>
/// <param name="neighbors">k.</param>
internal sealed class GenerationEvaluation(IHostEnvironment environment, int neighbors)
{
    /// <summary>Compares rows of a column.</summary>
    /// <param name="columnName">The column.</param>
    /// <param name="real">Real rows.</param>
    /// <param name="generated">Generated rows.</param>
    /// <param name="training">The rows that were learned from; null if nobody asks.</param>
    public GenerationMetrics Run(string columnName, IDataView real, IDataView generated, IDataView? training)
    {
        var column = new FeatureColumn(columnName, null);
        column = (FeatureColumn)column.Like(column.Require(real.Schema));
        column.Require(generated.Schema);
        if (training is not null)
            column.Require(training.Schema);
        float[][] ours = Read(real, column, nameof(real), neighbors + 1), theirs = Read(generated, column, nameof(generated), neighbors + 1);
        float[][]? learned = training is null ? null : Read(training, column, nameof(training), 1);
        return Compare(ours, theirs) with
        {
            FrechetDistance = FrechetDistance(ours, theirs),
            Memorization = learned is null ? null : IsLessShare(NearestOf(theirs, learned), NearestOf(ours, learned)),
        };
    }

    private GenerationMetrics Compare(float[][] real, float[][] generated)
    {
        int fewest = Math.Min(real.Length, generated.Length);
        bool[] realPart = Part(real.Length, fewest), generatedPart = Part(generated.Length, fewest);
        (float[] realRadii, float[] realNearest) = Own(real, realPart);
        (float[] generatedRadii, float[] generatedNearest) = Own(generated, generatedPart);
        bool[] isCovered = new bool[real.Length], isRecalled = new bool[real.Length];
        int[] balls = new int[generated.Length];
        double[] isOwn = new double[real.Length + generated.Length];
        Each(real, generated, (row, distances) =>
        {
            isCovered[row] = TensorPrimitives.Min<float>(distances) <= realRadii[row];
            isRecalled[row] = Within(distances, generatedRadii) > 0;
            isOwn[row] = realPart[row] ? Compared(realNearest[row], Nearest(distances, generatedPart)) : 0;
        });
        Each(generated, real, (row, distances) =>
        {
            balls[row] = Within(distances, realRadii);
            isOwn[real.Length + row] = generatedPart[row] ? Compared(generatedNearest[row], Nearest(distances, realPart)) : 0;
        });
        return new(
            balls.Count(count => count > 0) / (double)generated.Length, isRecalled.Count(isThere => isThere) / (double)real.Length,
            balls.Average(count => (double)count) / neighbors, isCovered.Count(isThere => isThere) / (double)real.Length, 0, isOwn.Sum() / (2.0 * fewest), null,
            real.Length, generated.Length);

        static double Compared(float own, float other) => own < other ? 1 : own > other ? 0 : 0.5;
    }

    // For each row the distance of its k-th neighbour among the others, and that of the nearest of them that belongs to a part.
    private (float[] Radii, float[] Nearest) Own(float[][] rows, bool[] part)
    {
        float[] radii = new float[rows.Length], nearest = new float[rows.Length];
        Each(rows, rows, (row, distances) =>
        {
            distances[row] = float.PositiveInfinity;
            nearest[row] = Nearest(distances, part);
            Array.Sort(distances);
            radii[row] = distances[neighbors - 1];
        });
        return (radii, nearest);
    }

    private float[] NearestOf(float[][] rows, float[][] others)
    {
        float[] nearest = new float[rows.Length];
        Each(rows, others, (row, distances) => nearest[row] = TensorPrimitives.Min<float>(distances));
        return nearest;
    }

    // Calls with the distances of each row from all others.
    private void Each(float[][] rows, float[][] others, Action<int, float[]> visit) => Parallel.For(
        0, rows.Length, () => new float[others.Length],
        (row, _, distances) =>
        {
            Host.ThrowIfCanceled(environment);
            for (int other = 0; other < others.Length; other++)
                distances[other] = TensorPrimitives.Distance<float>(rows[row], others[other]);
            visit(row, distances);
            return distances;
        },
        _ => { });

    private static float Nearest(float[] distances, bool[] part)
    {
        float nearest = float.PositiveInfinity;
        for (int row = 0; row < distances.Length; row++)
            nearest = part[row] ? Math.Min(nearest, distances[row]) : nearest;
        return nearest;
    }

    private static int Within(float[] distances, float[] radii)
    {
        int count = 0;
        for (int row = 0; row < distances.Length; row++)
            count += distances[row] <= radii[row] ? 1 : 0;
        return count;
    }

    // As many rows as are wanted, at equal steps.
    private static bool[] Part(int count, int wanted)
    {
        bool[] part = new bool[count];
        for (int row = 0; row < wanted; row++)
            part[(long)row * count / wanted] = true;
        return part;
    }

    // How probably one of the first numbers is below one of the second, where an equal one counts half: the statistic of Mann and Whitney, 1947.
    private static double IsLessShare(float[] first, float[] second)
    {
        Array.Sort(second);
        double sum = 0;
        foreach (float value in first)
        {
            int below = CountBelow(second, value), notAbove = CountBelow(second, MathF.BitIncrement(value));
            sum += second.Length - notAbove + (0.5 * (notAbove - below));
        }

        return sum / ((double)first.Length * second.Length);
    }

    private static int CountBelow(float[] sorted, float value)
    {
        int start = 0, end = sorted.Length;
        while (start < end)
        {
            int middle = (start + end) / 2;
            if (sorted[middle] < value)
                start = middle + 1;
            else
                end = middle;
        }

        return start;
    }

    // |μ - μ'|² + tr Σ + tr Σ' - 2 tr (Σ Σ')^½, whose last trace is the sum of the singular values of X X'ᵀ for centred rows X and X'.
    private static double FrechetDistance(float[][] real, float[][] generated)
    {
        Libtorch.Require();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        (Tensor mean, Tensor triangle) = Moments(real);
        (Tensor otherMean, Tensor otherTriangle) = Moments(generated);
        double traces = Number(triangle.square().sum()) + Number(otherTriangle.square().sum()),
            both = Number(linalg.svdvals(triangle.matmul(otherTriangle.t())).sum());
        return Math.Max(0, Number((mean - otherMean).square().sum()) + traces - (2 * both));

        static (Tensor Mean, Tensor Triangle) Moments(float[][] rows)
        {
            Tensor all = tensor(Array.ConvertAll(rows.SelectMany(row => row).ToArray(), value => (double)value), [rows.Length, rows[0].Length]);
            Tensor mean = all.mean([0]);
            using Scalar scale = 1 / Math.Sqrt(rows.Length - 1);
            return (mean, linalg.qr((all - mean).mul(scale), linalg.QRMode.R).R);
        }

        static double Number(Tensor value) => value.item<double>();
    }

    private float[][] Read(IDataView data, FeatureColumn column, string name, int fewest)
    {
        DataViewSchema.Column read = data.Schema[column.Name];
        using DataViewRowCursor cursor = data.GetRowCursor([read]);
        RowReader reader = column.CreateReader(cursor);
        List<float[]> rows = [];
        int size = column.SizeOf(read);
        while (cursor.MoveNext())
        {
            Host.ThrowIfCanceled(environment);
            float[] row = new float[size];
            reader.Read(row);
            foreach (float value in row)
            {
                if (!float.IsFinite(value))
                    throw new InvalidOperationException($"Column '{column.Name}' of {name} {reader.Describe(value, cursor.Position)}");
            }

            rows.Add(row);
        }

        return rows.Count >= fewest ? [.. rows] : throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture, $"'{name}' must have at least {fewest} rows, so that each has {fewest - 1} others beside it, but has {rows.Count}."));
    }
}
