using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;
using Spectre.Console;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>Large models teach small ones: a large convolution where labels are wrong or missing, and an ensemble of trees by LightGBM.</summary>
/// <param name="run">The run.</param>
/// <param name="images">All images.</param>
/// <param name="classes">The names of their classes.</param>
/// <param name="seeds">How many seeds.</param>
internal sealed class Compression(SampleRun run, IReadOnlyList<CharacterImage> images, string[] classes, int seeds)
{
    private const double TestPart = 0.2;
    private const int CleanLabels = 500;
    private const int MovedCopies = 2;

    /// <summary>A large convolution teaches a small perceptron: where labels are wrong, and where most images have none.</summary>
    public void Convolution()
    {
        Table table = new Table().Title("A large convolution and a perceptron of 32 hidden units, test accuracy in %")
            .AddColumns("").AddColumns(Right("Teacher"), Right("Student"), Right("The same on labels alone"), Right("Student - labels alone"), Right("Bytes"));
        Teach("noisy", "30 % of the labels wrong", (random, shuffled) =>
        {
            int count = Math.Min(2_000, shuffled.Length * 2 / 3);
            int[] labels = [.. shuffled.Take(count).Select(ClassOf).Select(label =>
                random.NextDouble() < 0.3 ? (label + random.Next(1, classes.Length)) % classes.Length : label)];
            return (shuffled[..count], labels, shuffled[count..]);
        });
        Teach("unlabelled", Text($"{CleanLabels} labels, the other images without"), (_, shuffled) =>
        {
            int test = (int)(shuffled.Length * TestPart), labelled = Math.Min(CleanLabels, (shuffled.Length - test) / 4);
            CharacterImage[] training = shuffled[test..];
            return (training, [.. training.Select((image, i) => i < labelled ? ClassOf(image) : -1)], shuffled[..test]);
        });
        AnsiConsole.Write(table);

        void Teach(string figure, string name, Func<Random, CharacterImage[], (CharacterImage[] Training, int[] Labels, CharacterImage[] Test)> split)
        {
            var teacherPercents = new List<double>();
            var studentPercents = new List<double>();
            var labelPercents = new List<double>();
            DistillationReport? shown = null;
            for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
            {
                MLContext ml = run.NewContext();
                var random = new Random(seed);
                CharacterImage[] shuffled = [.. images];
                random.Shuffle(shuffled);
                (CharacterImage[] training, int[] labels, CharacterImage[] test) = split(random, shuffled);
                int[] labelled = [.. Enumerable.Range(0, labels.Length).Where(row => labels[row] >= 0)];
                KeyedImages all = KeyedImages.Of(ml, classes, training, labels), unknown = KeyedImages.Of(ml, classes, test);
                KeyedImages known = KeyedImages.Of(ml, classes, [.. labelled.Select(row => training[row])], [.. labelled.Select(row => labels[row])]);
                Console.WriteLine(Text($"Seed {seed}, {name}: the convolution on {known.Count} images."));
                using DistillationTransformer teacher = LargeConvolution(ml, known, seed);
                teacherPercents.Add(unknown.Percent(unknown.Scores(teacher)));
                using DistillationTransformer student = Fit(ml, teacher, all, StudentOfConvolution(seed, labelWeight: 0));
                using DistillationTransformer labelsOnly = Fit(ml, teacher, known, StudentOfConvolution(seed, labelWeight: 1));
                studentPercents.Add(unknown.Percent(unknown.Scores(student)));
                labelPercents.Add(unknown.Percent(unknown.Scores(labelsOnly)));
                Console.WriteLine(Text($"Teacher {teacherPercents[^1]:F2} %, student {studentPercents[^1]:F2} %, labels alone {labelPercents[^1]:F2} %."));
                shown ??= student.Report;
            }

            Interval gain = Interval.OfDifference(studentPercents, labelPercents);
            table.AddRow(
                name, Interval.Of(teacherPercents).ToString(), Interval.Of(studentPercents).ToString(), Interval.Of(labelPercents).ToString(), gain.ToString(),
                Text($"{shown!.Models[0].ModelBytes:N0} → {shown.Models[1].ModelBytes:N0}"));
            run.Record($"{figure}ConvolutionTeacherPercent", teacherPercents.Average());
            run.Record($"{figure}ConvolutionStudentPercent", studentPercents.Average());
            run.Record($"{figure}ConvolutionStudentLabelsOnlyPercent", labelPercents.Average());
            run.Record($"{figure}ConvolutionStudentGain", gain.Mean);
            run.Record($"{figure}ConvolutionStudentGainHalfInterval", gain.Half);
            run.Record($"{figure}ConvolutionTeacherBytes", shown.Models[0].ModelBytes!.Value);
            run.Record($"{figure}ConvolutionStudentBytes", shown.Models[1].ModelBytes!.Value);
        }
    }

    /// <summary>LightGBM teaches a small convolution. All labels are there and right: what this shows is size and speed, not accuracy.</summary>
    public void Trees()
    {
        Console.WriteLine(
            "Compression: all labels are there and right, so that the student's network learns as much from them alone, or more. " +
            "What counts is its size and speed.");
        var teacherPercents = new List<double>();
        var studentPercents = new List<double>();
        var labelPercents = new List<double>();
        DistillationReport? shown = null;
        for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
        {
            MLContext ml = run.NewContext();
            (CharacterImage[] training, CharacterImage[] test) = Split(seed);
            KeyedImages known = KeyedImages.Of(ml, classes, training), unknown = KeyedImages.Of(ml, classes, test);
            Console.WriteLine(Text($"Seed {seed}: LightGBM on {known.Count} images."));
            ITransformer teacher = ml.MulticlassClassification.Trainers.LightGbm("Label", "Pixels", numberOfIterations: 100).Fit(known.View);
            teacherPercents.Add(unknown.Percent(unknown.Scores(teacher)));
            // What the teacher says of images that are moved a little teaches more than the images alone; they need no labels. Both networks take as many
            // steps.
            KeyedImages lesson = Moved(ml, training, seed);
            using DistillationTransformer student = Fit(ml, teacher, lesson, StudentOfTrees(seed, labelWeight: 0.3, epochs: 12));
            using DistillationTransformer labelsOnly = Fit(ml, teacher, known, StudentOfTrees(seed, labelWeight: 1, epochs: 12 * (1 + MovedCopies)));
            studentPercents.Add(unknown.Percent(unknown.Scores(student)));
            labelPercents.Add(unknown.Percent(unknown.Scores(labelsOnly)));
            Console.WriteLine(Text($"Teacher {teacherPercents[^1]:F2} %, student {studentPercents[^1]:F2} %, labels alone {labelPercents[^1]:F2} %."));
            shown ??= student.Report;
        }

        DistillationReportEntry big = shown!.Models[0], small = shown.Models[1];
        Table table = new Table().Title("LightGBM and its student, test accuracy in %").AddColumns("").AddColumns(Right("Accuracy"), Right("Bytes"),
            Right("Rows a second"));
        table.AddRow("LightGBM, 100 iterations", Interval.Of(teacherPercents).ToString(), Text($"{big.ModelBytes:N0}"), Text($"{big.RowsPerSecond:N0}"));
        table.AddRow("student, a convolution of 6 and 12 channels", Interval.Of(studentPercents).ToString(), Text($"{small.ModelBytes:N0}"),
            Text($"{small.RowsPerSecond:N0}"));
        table.AddRow("the same network on labels alone", Interval.Of(labelPercents).ToString(), Text($"{small.ModelBytes:N0}"),
            Text($"{small.RowsPerSecond:N0}"));
        table.AddRow("student - teacher", Interval.OfDifference(studentPercents, teacherPercents).ToString(),
            Text($"{(double)small.ModelBytes! / big.ModelBytes!:P1}"), Text($"× {small.RowsPerSecond / big.RowsPerSecond:F1}"));
        table.AddRow("student - labels alone", Interval.OfDifference(studentPercents, labelPercents).ToString(), "", "");
        AnsiConsole.Write(table);
        run.Record("teacherPercent", teacherPercents.Average());
        run.Record("studentPercent", studentPercents.Average());
        run.Record("studentLabelsOnlyPercent", labelPercents.Average());
        run.Record("teacherBytes", big.ModelBytes!.Value);
        run.Record("studentBytes", small.ModelBytes!.Value);
        run.Record("studentSpeedup", small.RowsPerSecond / big.RowsPerSecond);
    }

    // Its own teacher is the label: a vector with 1 at the place of the class.
    private static DistillationTransformer LargeConvolution(MLContext ml, KeyedImages rows, int seed) =>
        Fit(ml, ml.Transforms.Conversion.MapKeyToVector("Score", "Label").Fit(rows.View), rows, new()
        {
            ImageShape = new(1, CharacterImage.Side, CharacterImage.Side),
            HiddenChannels = [32, 64],
            HiddenUnits = [128],
            LabelWeight = 1,
            Epochs = 15,
            BatchSize = 32,
            LearningRate = 2e-3,
            Seed = seed,
        });

    private static DistillationTransformer Fit(MLContext ml, ITransformer teacher, KeyedImages rows, DistillationOptions options) =>
        TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
        {
            options.Progress = progress;
            return ml.MulticlassClassification.Trainers.Distillation(teacher, "Label", "Pixels", options).Fit(rows.View);
        });

    private static DistillationOptions StudentOfTrees(int seed, double labelWeight, int epochs) => new()
    {
        ImageShape = new(1, CharacterImage.Side, CharacterImage.Side),
        HiddenChannels = [6, 12],
        HiddenUnits = [],
        LabelWeight = labelWeight,
        Epochs = epochs,
        BatchSize = 128,
        LearningRate = 5e-3,
        Seed = seed,
    };

    private static DistillationOptions StudentOfConvolution(int seed, double labelWeight) => new()
    {
        HiddenUnits = [32],
        LabelWeight = labelWeight,
        Optimizer = TrainingOptimizer.Sgd,
        LearningRate = 0.05,
        BatchSize = 100,
        Epochs = 40,
        LearningRateDecay = LearningRateDecay.Tenths,
        L2 = 2.5e-4,
        Seed = seed,
    };

    private int ClassOf(CharacterImage image) => Array.IndexOf(classes, image.Character);

    private (CharacterImage[] Training, CharacterImage[] Test) Split(int seed)
    {
        CharacterImage[] shuffled = [.. images];
        new Random(seed).Shuffle(shuffled);
        int test = (int)(shuffled.Length * TestPart);
        return (shuffled[test..], shuffled[..test]);
    }

    // The images, with their labels, and each of them twice more without one, moved by up to two pixels.
    private KeyedImages Moved(MLContext ml, CharacterImage[] training, int seed)
    {
        const int Farthest = 2, Side = CharacterImage.Side;
        var random = new Random(seed);
        CharacterImage[] moved = [.. Enumerable.Repeat(training, MovedCopies).SelectMany(of => of).Select(image =>
        {
            int right = random.Next(-Farthest, Farthest + 1), down = random.Next(-Farthest, Farthest + 1);
            float[] pixels = new float[Side * Side];
            for (int y = Math.Max(0, down); y < Math.Min(Side, Side + down); y++)
            {
                for (int x = Math.Max(0, right); x < Math.Min(Side, Side + right); x++)
                    pixels[(y * Side) + x] = image.Pixels[((y - down) * Side) + x - right];
            }

            return image with { Pixels = pixels };
        })];
        return KeyedImages.Of(ml, classes, [.. training, .. moved], [.. training.Select(ClassOf), .. moved.Select(_ => -1)]);
    }

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
