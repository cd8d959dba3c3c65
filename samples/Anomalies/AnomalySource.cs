using System.Globalization;
using System.IO.Compression;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Distillation;

namespace MLNet.Papers.Samples.Anomalies;

/// <summary>Where sets of usual and strange rows come from.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Sets">The sets: a table has one, of images one for each kind that is taken for the usual one.</param>
internal sealed record AnomalySource(string Name, string Title, AnomalySet[] Sets)
{
    private const int Machines = 1_500, Writers = 150;

    /// <summary>Tables of scikit-learn: tumours, whose malignant ones are strange, and digits of 8 × 8 pixels.</summary>
    /// <param name="folder">The folder with breast_cancer.csv and digits.csv.gz.</param>
    /// <param name="kinds">How many digits are the usual one in turn.</param>
    /// <param name="seed">The seed.</param>
    public static AnomalySource[] OfTables(string folder, int kinds, int seed)
    {
        // A head of names; the last column is 0 for malignant ones.
        float[][] tumours = [.. Numbers(folder, "breast_cancer.csv").Skip(1)], digits = [.. Numbers(folder, "digits.csv.gz").Select(row => Shaded(row))];
        return
        [
            new("tumours", "tumours, of which malignant ones are strange",
                [AnomalySet.Split(Of(tumours, label => label == 1), Of(tumours, label => label == 0), null, new Random(seed))]),
            new("digits", "digits of 8 × 8 pixels, one against all others", [.. Enumerable.Range(0, kinds).Select(kind => AnomalySet.Split(
                Of(digits, label => (int)label == kind), Of(digits, label => (int)label != kind), new(1, 8, 8), new Random(seed + kind)))]),
        ];

        // Ink is from 0 to 16.
        static float[] Shaded(float[] row) => [.. row[..^1].Select(ink => ink / 16), row[^1]];

        static float[][] Of(float[][] rows, Func<float, bool> isWanted) => [.. rows.Where(row => isWanted(row[^1])).Select(row => row[..^1])];
    }

    /// <summary>Handwritten digits of 28 × 28 pixels; without a folder, drawn characters.</summary>
    /// <param name="folder">The folder; null for none.</param>
    /// <param name="kinds">How many characters are the usual one in turn.</param>
    /// <param name="seed">The seed.</param>
    public static AnomalySource OfPixels(string? folder, int kinds, int seed)
    {
        IReadOnlyList<CharacterImage> images = folder is null ? DrawnAlphabets.Draw(1, Writers, seed) : DigitFiles.Read(folder);
        ILookup<string, float[]> all = images.ToLookup(image => image.Character, image => image.Pixels);
        string[] characters = [.. all.Select(group => group.Key).Order(StringComparer.Ordinal).Take(10)];
        return new("pixels", "characters of 28 × 28 pixels, one against nine others", [.. characters.Take(kinds).Select((usual, kind) => AnomalySet.Split(
            [.. all[usual].Take(1_000)], [.. characters.Where(other => other != usual).SelectMany(other => all[other].Take(100))],
            new(1, CharacterImage.Side, CharacterImage.Side), new Random(seed + kind)))]);
    }

    /// <summary>Measurements of machines, made up: eight numbers that follow from three, load, heat and age; of strange ones one number does not.</summary>
    /// <param name="seed">The seed.</param>
    public static AnomalySource OfMachines(int seed)
    {
        var random = new Random(seed);
        float[][] usual = [.. Enumerable.Range(0, Machines).Select(_ => Machine())];
        float[][] strange = [.. Enumerable.Range(0, Machines / 10).Select(row =>
        {
            (float[] machine, float[] other) = (Machine(), Machine());
            machine[row % machine.Length] = other[row % machine.Length];
            return machine;
        })];
        return new("machines", "machines, of which strange ones have one measurement of another machine", [AnomalySet.Split(usual, strange, null, random)]);

        float[] Machine()
        {
            double load = random.NextDouble(), heat = random.NextDouble(), age = random.NextDouble();
            return
            [
                .. new[] { load + heat, load * heat, heat - age, age * load, Math.Sin(6 * load), Math.Cos(5 * heat), age * age, load - (heat * age) }
                    .Select(value => (float)(value + (0.02 * random.NextDouble()))),
            ];
        }
    }

    private static IEnumerable<float[]> Numbers(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
            throw new InputException($"'{folder}' has no {name}; the folder sklearn/datasets/data of scikit-learn has it.");
        using FileStream file = File.OpenRead(path);
        using Stream unpacked = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(unpacked);
        for (int line = 1; reader.ReadLine() is { } text; line++)
        {
            float[] numbers = [.. text.Split(',').Select(part =>
                float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : float.NaN)];
            if (line > 1 && numbers.Any(float.IsNaN))
                throw new InputException(FormattableString.Invariant($"'{path}' has something other than numbers in line {line}."));
            yield return numbers;
        }
    }
}
