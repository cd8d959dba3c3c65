using MLNet.Papers.Bert;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The equations, value by value in Double.</summary>
internal static class PlainBert
{
    public static double[][] Tables(BertArchitecture architecture, Dictionary<string, double[]> weights, ReadOnlySpan<int> pieces, int second)
    {
        var rows = new double[pieces.Length][];
        for (int place = 0; place < rows.Length; place++)
        {
            double[] piece = Row("embeddings.word_embeddings.weight", pieces[place]), position = Row("embeddings.position_embeddings.weight", place),
                segment = Row("embeddings.token_type_embeddings.weight", place < second ? 0 : 1);
            rows[place] = Normalized(
                architecture, weights, "embeddings.LayerNorm", [.. piece.Zip(position, segment).Select(three => three.First + three.Second + three.Third)]);
        }

        return rows;

        double[] Row(string table, int row) => weights[table][(row * architecture.HiddenSize)..((row + 1) * architecture.HiddenSize)];
    }

    public static double[][] Block(BertArchitecture architecture, Dictionary<string, double[]> weights, int layer, double[][] x)
    {
        string prefix = $"encoder.layer.{layer}.";
        int size = architecture.HiddenSize / architecture.Heads;
        double[][] query = Linear("attention.self.query", x), key = Linear("attention.self.key", x), value = Linear("attention.self.value", x);
        var joined = new double[x.Length][];
        for (int place = 0; place < x.Length; place++)
        {
            joined[place] = new double[architecture.HiddenSize];
            for (int head = 0; head < architecture.Heads; head++)
            {
                int first = head * size;
                double[] powers = [.. key.Select(other => Math.Exp(
                    Enumerable.Range(first, size).Sum(i => query[place][i] * other[i]) / Math.Sqrt(size)))];
                for (int i = first; i < first + size; i++)
                    joined[place][i] = powers.Select((power, seen) => power / powers.Sum() * value[seen][i]).Sum();
            }
        }

        double[][] attended = Sum("attention.output.LayerNorm", x, Linear("attention.output.dense", joined));
        double[][] inner = [.. Linear("intermediate.dense", attended).Select(row => Array.ConvertAll(row, unit => unit * Normal(unit)))];
        return Sum("output.LayerNorm", attended, Linear("output.dense", inner));

        double[][] Linear(string name, double[][] rows)
        {
            double[] matrix = weights[$"{prefix}{name}.weight"], biases = weights[$"{prefix}{name}.bias"];
            return [.. rows.Select(row => biases.Select((bias, unit) => bias + row.Select((value, i) => value * matrix[(unit * row.Length) + i]).Sum())
                .ToArray())];
        }

        double[][] Sum(string name, double[][] left, double[][] right) => [.. left.Zip(right, (one, other) =>
            Normalized(architecture, weights, prefix + name, [.. one.Zip(other, (a, b) => a + b)]))];
    }

    private static double[] Normalized(BertArchitecture architecture, Dictionary<string, double[]> weights, string name, double[] row)
    {
        double mean = row.Average(), deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + architecture.Epsilon);
        return [.. row.Select((value, i) => ((value - mean) / deviation * weights[$"{name}.weight"][i]) + weights[$"{name}.bias"][i])];
    }

    // The normal distribution's probability of what is below x: Simpson's rule over its density.
    private static double Normal(double x)
    {
        const int Parts = 2000;
        double step = x / Parts, sum = 0;
        for (int i = 0; i <= Parts; i++)
            sum += (i == 0 || i == Parts ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-i * step * i * step / 2);
        return 0.5 + (sum * step / 3 / Math.Sqrt(2 * Math.PI));
    }
}
