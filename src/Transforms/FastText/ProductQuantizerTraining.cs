using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FastText;

/// <summary>Finds the code books of a matrix and codes its rows: k-means for each piece of the rows.</summary>
/// <remarks>
/// "FastText.zip", arXiv:1612.03651, section 3.1. A piece draws from a generator of its own: the result does not depend on the number of threads.
/// </remarks>
internal static class ProductQuantizerTraining
{
    private const int Centroids = ProductQuantizer.CentroidCount;
    private const int Iterations = 25;
    private const int MostRows = 65536;
    private const float Split = 1e-7f;

    /// <summary>Compresses a matrix of at least 256 rows.</summary>
    /// <param name="matrix">The rows; they stay as they are.</param>
    /// <param name="pieceLength">How many values share a code.</param>
    /// <param name="normalize">Whether the norms of the rows are coded apart.</param>
    /// <param name="seed">The seed of the rows that are learned from.</param>
    /// <param name="check">Called now and then, on any thread; throws to stop.</param>
    public static QuantizedMatrix Quantize(DenseMatrix matrix, int pieceLength, bool normalize, int seed, Action? check = null)
    {
        if (!normalize)
        {
            (ProductQuantizer plain, byte[] plainCodes) = Train(matrix, pieceLength, seed, check);
            return new QuantizedMatrix(matrix.Rows, plainCodes, plain, null, null);
        }

        var norms = new DenseMatrix(matrix.Rows, 1);
        var directions = new DenseMatrix(matrix.Values.ToArray(), matrix.Rows, matrix.Columns);
        var polling = new Polling(check);
        for (int row = 0; row < matrix.Rows; row++)
        {
            polling.Turn();
            float norm = TensorPrimitives.Norm<float>(matrix.Row(row));
            norms.Row(row)[0] = norm;
            if (norm != 0)
                TensorPrimitives.Divide(directions.Row(row), norm, directions.Row(row));
        }

        (ProductQuantizer normQuantizer, byte[] normCodes) = Train(norms, 1, seed, check);
        (ProductQuantizer quantizer, byte[] codes) = Train(directions, pieceLength, seed, check);
        return new QuantizedMatrix(matrix.Rows, codes, quantizer, normCodes, normQuantizer);
    }

    private static (ProductQuantizer Quantizer, byte[] Codes) Train(DenseMatrix matrix, int pieceLength, int seed, Action? check)
    {
        var quantizer = new ProductQuantizer(matrix.Columns, pieceLength, new float[matrix.Columns * Centroids]);
        byte[] codes = new byte[checked(matrix.Rows * quantizer.Pieces)];
        try
        {
            Parallel.For(0, quantizer.Pieces, TrainPiece);
        }
        catch (AggregateException exception) when (exception.InnerExceptions.FirstOrDefault(inner => inner is OperationCanceledException) is { } cancellation)
        {
            ExceptionDispatchInfo.Throw(cancellation);
        }

        return (quantizer, codes);

        void TrainPiece(int piece)
        {
            var polling = new Polling(check);
            var random = new Random(unchecked((seed * 1000003) + piece));
            int length = quantizer.LengthOf(piece);
            int start = piece * pieceLength;
            int[] sample = Sample(matrix.Rows, random);
            float[] points = new float[sample.Length * length];
            for (int i = 0; i < sample.Length; i++)
                matrix.Row(sample[i]).Slice(start, length).CopyTo(points.AsSpan(i * length));
            var clusters = new Clusters(length, check);
            clusters.Learn(points, random);
            clusters.CopyCentroids(quantizer.Centroids.AsSpan(piece * Centroids * pieceLength, Centroids * length));
            for (int row = 0; row < matrix.Rows; row++)
            {
                polling.Turn();
                codes[(row * quantizer.Pieces) + piece] = clusters.Nearest(matrix.Row(row).Slice(start, length));
            }
        }
    }

    // Different rows in random order: the first of them are the first centroids.
    private static int[] Sample(int rows, Random random)
    {
        int[] all = [.. Enumerable.Range(0, rows)];
        int count = Math.Min(rows, MostRows);
        for (int i = 0; i < count; i++)
        {
            int other = random.Next(i, rows);
            (all[i], all[other]) = (all[other], all[i]);
        }

        return all[..count];
    }

    /// <summary>256 centroids of one piece, kept value by value so that the distances to many of them are computed at once.</summary>
    private sealed class Clusters(int length, Action? check)
    {
        private readonly float[] _values = new float[length * Centroids];

        public void CopyCentroids(Span<float> centroids)
        {
            for (int centroid = 0; centroid < Centroids; centroid++)
            {
                for (int i = 0; i < length; i++)
                    centroids[(centroid * length) + i] = _values[(i * Centroids) + centroid];
            }
        }

        public void Learn(float[] points, Random random)
        {
            int count = points.Length / length;
            for (int centroid = 0; centroid < Centroids; centroid++)
            {
                for (int i = 0; i < length; i++)
                    _values[(i * Centroids) + centroid] = points[(centroid * length) + i];
            }

            byte[] codes = new byte[count];
            var polling = new Polling(check);
            for (int iteration = 0; iteration < Iterations; iteration++)
            {
                for (int point = 0; point < count; point++)
                {
                    polling.Turn();
                    codes[point] = Nearest(points.AsSpan(point * length, length));
                }

                MoveToMeans(points, codes, random);
            }
        }

        /// <summary>The centroid of least squared distance; of equal ones the first.</summary>
        public byte Nearest(ReadOnlySpan<float> point)
        {
            int lanes = Vector<float>.Count;
            ReadOnlySpan<Vector<float>> values = MemoryMarshal.Cast<float, Vector<float>>(_values);
            int blocks = Centroids / lanes;
            var best = new Vector<float>(float.PositiveInfinity);
            Vector<int> bestBlock = Vector<int>.Zero;
            // Pieces of two numbers are the rule; for them nothing is looped over inside.
            bool isPair = point.Length == 2;
            var first = new Vector<float>(point[0]);
            var second = new Vector<float>(point[^1]);
            for (int block = 0; block < blocks; block++)
            {
                Vector<float> distance = isPair ? Square(values[block] - first) + Square(values[blocks + block] - second) : Vector<float>.Zero;
                for (int i = 0; !isPair && i < point.Length; i++)
                    distance += Square(values[(i * blocks) + block] - new Vector<float>(point[i]));

                Vector<int> isNearer = Vector.LessThan(distance, best);
                best = Vector.Min(distance, best);
                bestBlock = Vector.ConditionalSelect(isNearer, new Vector<int>(block), bestBlock);
            }

            int nearest = bestBlock[0] * lanes;
            float least = best[0];
            for (int lane = 1; lane < lanes; lane++)
            {
                int centroid = (bestBlock[lane] * lanes) + lane;
                if (best[lane] < least || (best[lane] == least && centroid < nearest))
                    (least, nearest) = (best[lane], centroid);
            }

            return (byte)nearest;

            static Vector<float> Square(Vector<float> value) => value * value;
        }

        private void MoveToMeans(float[] points, byte[] codes, Random random)
        {
            int[] sizes = new int[Centroids];
            Array.Clear(_values);
            for (int point = 0; point < codes.Length; point++)
            {
                sizes[codes[point]]++;
                for (int i = 0; i < length; i++)
                    _values[(i * Centroids) + codes[point]] += points[(point * length) + i];
            }

            for (int centroid = 0; centroid < Centroids; centroid++)
            {
                for (int i = 0; sizes[centroid] > 0 && i < length; i++)
                    _values[(i * Centroids) + centroid] /= sizes[centroid];
            }

            for (int centroid = 0; centroid < Centroids; centroid++)
            {
                if (sizes[centroid] == 0)
                    SplitInto(centroid, sizes, codes.Length, random);
            }
        }

        // A centroid without points gets half of another one's; the more points that has, the likelier.
        private void SplitInto(int empty, int[] sizes, int count, Random random)
        {
            int full = 0;
            while (random.NextDouble() * (count - Centroids) >= sizes[full] - 1)
                full = (full + 1) % Centroids;
            for (int i = 0; i < length; i++)
            {
                float shift = i % 2 == 0 ? -Split : Split;
                float value = _values[(i * Centroids) + full];
                _values[(i * Centroids) + empty] = value + shift;
                _values[(i * Centroids) + full] = value - shift;
            }

            sizes[empty] = sizes[full] / 2;
            sizes[full] -= sizes[empty];
        }
    }
}
