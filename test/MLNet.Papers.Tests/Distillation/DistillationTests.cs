using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Students and their teachers, from a data view to a model.</summary>
[TestClass]
public sealed class DistillationTests
{
    [TestMethod]
    public void A_student_says_what_its_teacher_says()
    {
        MemoryView rows = Lessons.Rows(300);
        ITransformer teacher = Lessons.Linear(rows);
        using DistillationTransformer student = Fit(rows, teacher, new() { HiddenUnits = [16], Epochs = 60 });
        float[][] taught = Scores(teacher, rows), learned = Scores(student, rows);
        double distance = taught.Zip(learned).Average(pair => pair.First.Zip(pair.Second).Sum(values => Math.Abs(values.First - values.Second)));
        Assert.IsLessThan(0.1, distance, "The distributions of teacher and student must differ by less than 0.1 on average.");
    }

    // A teacher that is sure of the label teaches what the label teaches: the same weights.
    [TestMethod]
    public void A_certain_teacher_teaches_the_labels()
    {
        MemoryView rows = Lessons.Rows();
        ITransformer certain = Lessons.Label(rows);
        using DistillationTransformer taught = Fit(rows, certain, new() { LabelWeight = 0 }), labelled = Fit(rows, certain, new() { LabelWeight = 1 });
        using BornAgainNetworkTransformer bornAgain = new MLContext(1).MulticlassClassification.Trainers.BornAgainNetwork(options: new()
        {
            HiddenUnits = [6],
            Epochs = 3,
            BatchSize = 12,
            Generations = 1,
            Output = BornAgainOutput.Last,
            ValidationFraction = 0,
        }).Fit(rows);
        AssertSame(Scores(labelled, rows), Scores(taught, rows), 0);
        AssertSame(Scores(labelled, rows), Scores(bornAgain.Generations[0], rows), 0);
    }

    [TestMethod]
    public void Rows_without_a_label_teach_too()
    {
        MemoryView rows = Lessons.Rows(), unlabelled = Lessons.Rows(key: _ => 0);
        ITransformer teacher = Lessons.Linear(rows);
        using DistillationTransformer with = Fit(rows, teacher, new() { LabelWeight = 0 }), without = Fit(unlabelled, teacher, new() { LabelWeight = 0.5 });
        AssertSame(Scores(with, rows), Scores(without, rows), 0);
        Assert.AreEqual((48, 48, null), (without.Report!.TrainingRows, without.Report.UnlabelledRows, without.Report.Models[1].TrainingAccuracy));
    }

    // The teacher's classes in another order, which it learned from a label with other keys.
    [TestMethod]
    public void Classes_are_matched_by_their_names()
    {
        MemoryView rows = Lessons.Rows(), turned = Lessons.Rows(key: row => (uint)(3 - (row % 3)), names: ["cat", "bee", "ant"]);
        using DistillationTransformer straight = Fit(rows, Lessons.Linear(rows), new()), crossed = Fit(rows, Lessons.Linear(turned), new());
        AssertSame(Scores(straight, rows), Scores(crossed, rows), 1e-3);
    }

    // As AutoML builds them: the predicted label is a text again, and only the scores know the order of the classes, which is that of the rows.
    [TestMethod]
    public void A_whole_pipeline_on_texts_is_a_teacher()
    {
        MemoryView keyed = Lessons.Rows(90);
        MemoryView rows = keyed.With(MemoryColumn.Texts("Label", Enumerable.Range(0, keyed.Count).Select(row => Lessons.Names[(row + 2) % 3])));
        var ml = new MLContext(1);
        ITransformer teacher = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(rows);
        using DistillationTransformer student = Fit(rows, teacher, new() { HiddenUnits = [16], Epochs = 40 });
        Assert.IsGreaterThan(0.9, student.Report!.Models[0].TrainingAccuracy!.Value);
        Assert.IsGreaterThan(0.9, student.Report.Models[1].TrainingAccuracy!.Value);
        MemoryView numbers =
            keyed.With(MemoryColumn.Values("Label", NumberDataViewType.Single, [.. Enumerable.Range(0, keyed.Count).Select(row => (float)(row % 3))]));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit(numbers, Lessons.Linear(keyed), new())).Message, "Single");
        MemoryView scored = rows.With(MemoryColumn.Vectors("Points", Lessons.Features(rows.Count, 3)));
        ITransformer nameless = ml.Transforms.CopyColumns("Score", "Points").Fit(scored);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit(scored, nameless, new())).Message, "must be a key");
    }

    [TestMethod]
    public void Other_classes_are_an_error_that_lists_both()
    {
        MemoryView rows = Lessons.Rows(), other = Lessons.Rows(names: ["ant", "bee", "dog"]);
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(rows, Lessons.Linear(other), new()));
        StringAssert.Contains(error.Message, "'ant', 'bee', 'cat'");
        StringAssert.Contains(error.Message, "'ant', 'bee', 'dog'");
    }

    [TestMethod]
    public void A_label_that_is_no_key_takes_the_classes_of_the_teacher()
    {
        MemoryView rows = Lessons.Rows();
        ITransformer teacher = Lessons.Linear(rows);
        MemoryView texts = rows.With(MemoryColumn.Texts("Label", Enumerable.Range(0, rows.Count).Select(row => row % 3 == 2 ? "" : Lessons.Names[row % 3])));
        using DistillationTransformer student = Fit(texts, teacher, new());
        VBuffer<ReadOnlyMemory<char>> names = default;
        student.Transform(texts).Schema["PredictedLabel"].GetKeyValues(ref names);
        CollectionAssert.AreEqual(Lessons.Names, names.DenseValues().Select(name => name.ToString()).ToArray());
        Assert.AreEqual(16, student.Report!.UnlabelledRows);
        MemoryView strange = rows.With(MemoryColumn.Texts("Label", Enumerable.Repeat("dog", rows.Count)));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit(strange, teacher, new())).Message, "'dog'");
    }

    [TestMethod]
    public void Scores_that_are_no_probabilities_are_an_error_that_names_the_row()
    {
        MemoryView rows = Lessons.Rows();
        string error = Error([0.5f, 0.5f, 0.2f], TeacherScores.Probabilities);
        StringAssert.Contains(error, "'Score'");
        StringAssert.Contains(error, "row 7");
        StringAssert.Contains(error, "1.2");
        StringAssert.Contains(Error([1.2f, -0.1f, -0.1f], TeacherScores.Probabilities), "row 7");
        StringAssert.Contains(Error([float.NaN, 0, 0], TeacherScores.Logits), "row 7");

        string Error(float[] seventh, TeacherScores kind)
        {
            float[][] scores = [.. Enumerable.Range(0, rows.Count).Select(row => row == 7 ? seventh : [0.5f, 0.25f, 0.25f])];
            MemoryView scored = rows.With(MemoryColumn.Vectors("Points", scores));
            ITransformer teacher = new MLContext().Transforms.CopyColumns("Score", "Points").Fit(scored);
            return Assert.ThrowsExactly<InvalidOperationException>(() => Fit(scored, teacher, new() { TeacherScores = kind })).Message;
        }
    }

    // Logits of ln p teach what p teaches.
    [TestMethod]
    public void Logits_teach_their_softmax()
    {
        MemoryView rows = Lessons.Rows();
        float[][] probabilities = Scores(Lessons.Linear(rows), rows);
        MemoryView scored = rows.With(MemoryColumn.Vectors("P", probabilities)).With(MemoryColumn.Vectors("Z",
            [.. probabilities.Select(p => p.Select(value => MathF.Log(value) + 3).ToArray())]));
        using DistillationTransformer fromP = Fit(scored, Copy("P"), new()), fromZ = Fit(scored, Copy("Z"), new() { TeacherScores = TeacherScores.Logits });
        AssertSame(Scores(fromP, rows), Scores(fromZ, rows), 1e-4);

        ITransformer Copy(string column) => new MLContext().Transforms.CopyColumns("Score", column).Fit(scored);
    }

    // A pipeline that makes features of its own under the name of the student's.
    [TestMethod]
    public void A_teacher_may_put_other_columns_in_front_of_the_student_s()
    {
        MemoryView rows = Lessons.Rows();
        var ml = new MLContext(1);
        ITransformer teacher = ml.Transforms.NormalizeMinMax("Features").Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(rows);
        MemoryView scored = rows.With(MemoryColumn.Vectors("P", Scores(teacher, rows)));
        using DistillationTransformer pipeline = Fit(rows, teacher, new()),
            plain = Fit(scored, new MLContext().Transforms.CopyColumns("Score", "P").Fit(scored), new());
        AssertSame(Scores(plain, rows), Scores(pipeline, rows), 0);
    }

    [TestMethod]
    public void A_teacher_that_cannot_score_the_rows_is_an_error()
    {
        MemoryView rows = Lessons.Rows();
        ITransformer teacher = Lessons.Linear(rows);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(Lessons.Rows(size: 7), teacher, new()));
        ArgumentOutOfRangeException error =
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(rows, new MLContext().Transforms.CopyColumns("Other", "Label").Fit(rows), new()));
        StringAssert.Contains(error.Message, "no column 'Score'");
    }

    [TestMethod]
    public void Rows_beyond_the_memory_are_read_from_a_file_as_they_were()
    {
        const int Width = 7;
        using RowCache small = new(Width, Width * 4 * 5), none = new(Width, 0), large = new(Width, 1 << 20);
        var random = new Random(1);
        float[][] rows = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, Width).Select(_ => random.NextSingle()).ToArray())];
        foreach (RowCache cache in (RowCache[])[small, none, large])
        {
            foreach (float[] row in rows)
                cache.Add(row);
            cache.Write(3, 2, [30f, 31f]);
            cache.Write(33, 2, [32f, 33f]);
        }

        Assert.AreEqual((35L, 40L, 0L), (small.RowsInFile, none.RowsInFile, large.RowsInFile));
        float[] expected = new float[Width], actual = new float[Width];
        for (int row = 0; row < rows.Length; row++)
        {
            large.Read(row, 0, expected);
            Assert.AreEqual(row is 3 ? 30f : row is 33 ? 32f : rows[row][2], expected[2]);
            small.Read(row, 0, actual);
            CollectionAssert.AreEqual(expected, actual);
            none.Read(row, 0, actual);
            CollectionAssert.AreEqual(expected, actual);
        }
    }

    // 1 MiB holds 131 of these rows of 2,000 features.
    [TestMethod]
    public void The_size_of_the_cache_changes_nothing()
    {
        MemoryView rows = Lessons.Rows(200, size: 2_000);
        ITransformer teacher = Lessons.Label(rows);
        using DistillationTransformer small = Fit(rows, teacher, new() { CacheMebibytes = 1, Temperature = 2 }),
            large = Fit(rows, teacher, new() { Temperature = 2 });
        AssertSame(Scores(large, rows), Scores(small, rows), 0);
    }

    [TestMethod]
    public void The_report_tells_teacher_from_student()
    {
        MemoryView rows = Lessons.Rows(120);
        ITransformer teacher = Lessons.Linear(rows);
        using DistillationTransformer student = Fit(rows, teacher, new() { ValidationFraction = 0.25 });
        DistillationReport report = student.Report!;
        Assert.AreEqual((90, 0, 30), (report.TrainingRows, report.UnlabelledRows, report.ValidationRows));
        (DistillationReportEntry big, DistillationReportEntry small) = (report.Models[0], report.Models[1]);
        Assert.AreEqual(("teacher", false, null), (big.Name, big.IsOutput, big.Parameters));
        Assert.AreEqual(("student", true, (5L * 6) + 6 + (6 * 3) + 3), (small.Name, small.IsOutput, small.Parameters));
        double right = Scores(teacher, rows).Select((scores, row) => Array.IndexOf(scores, scores.Max()) == row % 3 ? 1.0 : 0).Sum();
        Assert.AreEqual(right, (90 * big.TrainingAccuracy!.Value) + (30 * big.ValidationAccuracy!.Value), 1e-6);
        using var file = new MemoryStream();
        new MLContext().Model.Save(student, null, file);
        Assert.AreEqual(file.Length, small.ModelBytes);
        StringAssert.Contains(report.ToString(), "teacher");
        Assert.IsTrue(big.ModelBytes > 0 && big.RowsPerSecond > 0 && small.RowsPerSecond > 0);
    }

    [TestMethod]
    public void Two_classes_are_learned_from_a_probability_or_a_logit()
    {
        MemoryView rows = Lessons.Rows(300);
        rows = rows.With(MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. Enumerable.Range(0, rows.Count).Select(row => row % 3 == 0)]));
        var ml = new MLContext(1);
        var teacher = ml.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(rows);
        float[] taught = [.. teacher.Transform(rows).GetColumn<float>("Probability")];
        float[][] learned = [.. new[] { TeacherScores.Probabilities, TeacherScores.Logits }.Select(kind =>
        {
            using BinaryDistillationTransformer student = new MLContext(1).BinaryClassification.Trainers.Distillation(teacher,
                options: new() { HiddenUnits = [16], Epochs = 40, TeacherScores = kind }).Fit(rows);
            IDataView scored = student.Transform(rows);
            Assert.IsGreaterThan(0.8, ml.BinaryClassification.Evaluate(scored).AreaUnderRocCurve);
            return scored.GetColumn<float>("Probability").ToArray();
        })];
        Assert.IsLessThan(0.05, taught.Zip(learned[0]).Average(pair => Math.Abs(pair.First - pair.Second)));
        AssertSame([learned[0]], [learned[1]], 2e-2);
    }

    [TestMethod]
    public void A_binary_label_is_true_false_or_missing()
    {
        MemoryView rows = Lessons.Rows(60);
        MemoryView booleans =
            rows.With(MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. Enumerable.Range(0, rows.Count).Select(row => row % 3 == 0)]));
        var teacher = new MLContext(1).BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(booleans);
        using BinaryDistillationTransformer student = Fit(row => row == 9 ? float.NaN : row % 3 == 0 ? 1 : 0);
        Assert.AreEqual((60, 1), (student.Report!.TrainingRows, student.Report.UnlabelledRows));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit(row => row == 9 ? 2 : 0)).Message, "row 9");

        BinaryDistillationTransformer Fit(Func<int, float> label) =>
            new MLContext(1).BinaryClassification.Trainers.Distillation(teacher, options: new() { HiddenUnits = [4], Epochs = 1 })
            .Fit(rows.With(MemoryColumn.Values("Label", NumberDataViewType.Single, [.. Enumerable.Range(0, rows.Count).Select(label)])));
    }

    private static DistillationTransformer Fit(IDataView rows, ITransformer teacher, DistillationOptions options)
    {
        if (options.HiddenUnits is [128, 128])
            (options.HiddenUnits, options.Epochs, options.BatchSize) = ([6], 3, 12);
        return new MLContext(1).MulticlassClassification.Trainers.Distillation(teacher, options: options).Fit(rows);
    }

    internal static float[][] Scores(ITransformer model, IDataView rows) => [.. model.Transform(rows).GetColumn<float[]>("Score")];

    internal static void AssertSame(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
        {
            for (int i = 0; i < expected[row].Length; i++)
                Assert.AreEqual(expected[row][i], actual[row][i], tolerance, $"row {row}, class {i}");
        }
    }
}
