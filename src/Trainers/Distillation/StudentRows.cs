using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Distillation;

/// <summary>What reads the class of the current row, -1 if it has none.</summary>
internal delegate int ClassReader();

/// <summary>The rows that a student learns from, in a cache: features, the probabilities to learn, and the class.</summary>
internal sealed class StudentRows : IDisposable
{
    private const int RowsOfAPart = 256;

    /// <summary>The name of the probabilities to learn, K of them.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>The name of the class, -1 for none.</summary>
    public const string Class = "class";

    private readonly float[] _probabilities;

    private StudentRows(int size, int classes, long bytes, Action check)
    {
        (Size, Classes) = (size, classes);
        _probabilities = new float[classes];
        Rows = new TrainingRows([new(TrainingRows.Inputs, size), new(Probabilities, classes), new(Class, 1, IsClass: true, classes)], bytes, check);
    }

    public TrainingRows Rows { get; }

    /// <summary>D, the length of a row's features.</summary>
    public int Size { get; }

    /// <summary>K, the number of classes.</summary>
    public int Classes { get; }

    public int Count => Rows.Count;

    /// <summary>How many rows have a class.</summary>
    public int Labelled { get; private set; }

    /// <summary>
    /// Batches of some of the rows: inputs (B, D), the probabilities to learn (B, K), and the classes one-hot (B, K), zeros where a row has none.
    /// </summary>
    /// <param name="numbers">Which of them.</param>
    /// <param name="device">The device of the network.</param>
    /// <param name="permutes">Whether the probabilities of the classes that are not the greatest are permuted.</param>
    public RowBatches Batches(int[] numbers, Device device, bool permutes = false)
    {
        return new(Rows, numbers, device, permutes ? Permute : null);

        static void Permute(RowPart part, Span<float> values, Random random)
        {
            if (part.Name == Probabilities)
                SoftTargets.Permute(values, random);
        }
    }

    /// <summary>Says how many rows are in a temporary file, if any are.</summary>
    public void ReportFile(IChannel channel) => Rows.ReportFile(channel);

    /// <summary>Reads rows and lets the teacher score them, in one pass.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="features">What the student reads.</param>
    /// <param name="labelColumn">The name of the label.</param>
    /// <param name="createClassReader">Makes what reads the class of a row.</param>
    /// <param name="classes">K.</param>
    /// <param name="teacher">The teacher, or null: then the probabilities are all 0.</param>
    /// <param name="bytes">The most memory for the rows.</param>
    /// <param name="environment">The environment of the fit, which may be cancelled.</param>
    /// <exception cref="InvalidOperationException">A feature or a score is not finite, or a score is no probability; the message names the row.</exception>
    public static StudentRows Read(
        IDataView data, FeatureColumn features, string labelColumn, Func<DataViewRow, ClassReader> createClassReader, int classes, Teacher? teacher,
            long bytes, IHostEnvironment environment)
    {
        DataViewSchema.Column column = features.Require(data.Schema);
        int size = features.SizeOf(column);
        var rows = new StudentRows(size, classes, bytes, Check);
        try
        {
            using var pass = new ScoredRows(data, [column, data.Schema[labelColumn]], teacher, Check);
            var reader = new FiniteReader(pass.Rows, features.CreateReader(pass.Rows), features.Name);
            ClassReader classReader = createClassReader(pass.Rows);
            ProbabilityReader? probabilities = teacher?.CreateReader(pass.Scored);
            float[] row = new float[size + classes + 1];
            while (pass.MoveNext())
            {
                Check();
                Span<float> values = row.AsSpan(0, size);
                reader.Read(values);
                probabilities?.Invoke(row.AsSpan(size, classes));
                int label = classReader();
                row[^1] = label;
                rows.Labelled += label >= 0 ? 1 : 0;
                rows.Rows.Add(row);
            }

            return rows;
        }
        catch (Exception exception)
        {
            rows.Dispose();
            // What was thrown on a thread of the teacher's comes in an exception of another kind.
            Check();
            if (teacher is not null && exception is not OperationCanceledException)
                RequireFeatures(data, features, column, size, Check);
            throw;
        }

        void Check() => Host.ThrowIfCanceled(environment);
    }

    // A teacher that meets a broken row first may say neither the column nor the row.
    private static void RequireFeatures(IDataView data, FeatureColumn features, DataViewSchema.Column column, int size, Action check)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        var reader = new FiniteReader(cursor, features.CreateReader(cursor), features.Name);
        float[] row = new float[size];
        while (cursor.MoveNext())
        {
            check();
            reader.Read(row);
        }
    }

    /// <summary>The class of a row, -1 if it has none.</summary>
    public int ClassOf(long row) => Rows.ClassOf(row, Class);

    /// <summary>Reads the features of a row.</summary>
    public void ReadFeatures(long row, Span<float> features) => Rows.Read(row, TrainingRows.Inputs, features);

    /// <summary>Reads the probabilities of a row.</summary>
    public void ReadProbabilities(long row, Span<float> probabilities) => Rows.Read(row, Probabilities, probabilities);

    /// <summary>Changes the probabilities of all rows.</summary>
    /// <param name="change">Is given the number of a row and its probabilities.</param>
    public void ChangeProbabilities(ProbabilityChange change)
    {
        for (int row = 0; row < Count; row++)
        {
            ReadProbabilities(row, _probabilities);
            change(row, _probabilities);
            Rows.Write(row, Probabilities, _probabilities);
        }
    }

    /// <summary>Replaces the probabilities of all rows by their labels, one-hot: all 0 for a row without one.</summary>
    public void TakeLabels() => ChangeProbabilities((row, probabilities) =>
    {
        probabilities.Clear();
        if (ClassOf(row) is var label and >= 0)
            probabilities[label] = 1;
    });

    /// <summary>Replaces the probabilities of all rows by those of a network.</summary>
    public void TakeProbabilities(ProbabilityScorer scorer, Action check) =>
        Score(scorer, [.. Enumerable.Range(0, Count)], check, (row, probabilities) => Rows.Write(row, Probabilities, probabilities));

    /// <summary>How well a network fits the labels of some rows.</summary>
    public Fitness Evaluate(ProbabilityScorer scorer, int[] rows, Action check)
    {
        var fitness = new Fitness();
        Score(scorer, rows, check, (row, probabilities) => fitness.Add(ClassOf(row), probabilities));
        return fitness;
    }

    /// <summary>How well the probabilities that are here fit the labels of some rows.</summary>
    public Fitness Evaluate(int[] rows)
    {
        var fitness = new Fitness();
        foreach (int row in rows)
        {
            ReadProbabilities(row, _probabilities);
            fitness.Add(ClassOf(row), _probabilities);
        }

        return fitness;
    }

    /// <summary>The numbers of all rows, or of those with a label.</summary>
    public int[] RowNumbers(bool withLabelOnly) => [.. Enumerable.Range(0, Count).Where(row => !withLabelOnly || ClassOf(row) >= 0)];

    public void Dispose() => Rows.Dispose();

    private void Score(ProbabilityScorer scorer, int[] rows, Action check, ProbabilityChange take)
    {
        float[] features = new float[RowsOfAPart * Size], probabilities = new float[RowsOfAPart * Classes];
        foreach (int[] part in rows.Chunk(RowsOfAPart))
        {
            check();
            for (int i = 0; i < part.Length; i++)
                ReadFeatures(part[i], features.AsSpan(i * Size, Size));
            scorer.Embed(features, part.Length, probabilities);
            for (int i = 0; i < part.Length; i++)
                take(part[i], probabilities.AsSpan(i * Classes, Classes));
        }
    }
}

/// <summary>Something to do with the probabilities of a row.</summary>
internal delegate void ProbabilityChange(int row, Span<float> probabilities);

/// <summary>How well class probabilities fit labels.</summary>
internal sealed class Fitness
{
    private double _loss;
    private int _right;

    /// <summary>How many rows with a label there were.</summary>
    public int Count { get; private set; }

    /// <summary>The mean of -ln p of the labels, p being at least 1e-15; null without rows.</summary>
    public double? Loss => Count == 0 ? null : _loss / Count;

    /// <summary>The part of the rows whose label has the greatest p; null without rows.</summary>
    public double? Accuracy => Count == 0 ? null : (double)_right / Count;

    /// <summary>Adds a row, unless it has no label.</summary>
    public void Add(int label, ReadOnlySpan<float> probabilities)
    {
        if (label < 0)
            return;
        Count++;
        _loss -= Math.Log(Math.Max(probabilities[label], 1e-15));
        if (TensorPrimitives.IndexOfMax(probabilities) == label)
            _right++;
    }
}
