using System.Text;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>
/// The network written down a second time, from the paper and the arrays of the published layout: one number after the other, in double precision.
/// </summary>
internal sealed class PlainElmo(PublishedShape shape, Dictionary<string, Array> arrays)
{
    /// <summary>For each layer, the context-free one first, a vector for each token.</summary>
    public double[][][] Layers(string[] tokens)
    {
        double[][] context = [.. tokens.Select(token => Encode(Ids(token)))];
        double[] begin = Encode([258, 256, 259]), end = Encode([258, 257, 259]);
        double[][][] forward = Stack([begin, .. context], direction: 0), backward = Stack([end, .. context.Reverse()], direction: 1);
        return
        [
            [.. context.Select(vector => (double[])[.. vector, .. vector])],
            .. Enumerable.Range(0, shape.Layers).Select(layer =>
                Enumerable.Range(0, tokens.Length).Select(k => (double[])[.. forward[layer][k + 1], .. backward[layer][tokens.Length - k]]).ToArray()),
        ];
    }

    private int[] Ids(string token) => token switch
    {
        "<S>" => [258, 256, 259],
        "</S>" => [258, 257, 259],
        _ => [258, .. Encoding.UTF8.GetBytes(token).Take(shape.MaxCharacters - 2).Select(value => (int)value), 259],
    };

    private double[] Encode(int[] ids)
    {
        float[,] embedding = (float[,])arrays["char_embed"];
        var activations = new List<double>();
        for (int i = 0; i < shape.Filters.Length; i++)
        {
            var kernel = (float[,,,])arrays[$"CNN/W_cnn_{i}"];
            var bias = (float[])arrays[$"CNN/b_cnn_{i}"];
            for (int filter = 0; filter < shape.Filters[i].Count; filter++)
            {
                double greatest = double.NegativeInfinity;
                for (int place = 0; place + shape.Filters[i].Width <= shape.MaxCharacters; place++)
                {
                    double sum = bias[filter];
                    for (int offset = 0; offset < shape.Filters[i].Width; offset++)
                    {
                        int id = place + offset < ids.Length ? ids[place + offset] : 260;
                        for (int c = 0; c < shape.Characters; c++)
                            sum += embedding[id, c] * kernel[0, offset, c, filter];
                    }

                    greatest = Math.Max(greatest, sum);
                }

                activations.Add(shape.Activation == "tanh" ? Math.Tanh(greatest) : Math.Max(0, greatest));
            }
        }

        double[] x = [.. activations];
        for (int i = 0; i < shape.Highways; i++)
        {
            double[] transformed = Affine(x, $"CNN_high_{i}/W_transform", $"CNN_high_{i}/b_transform"),
                carry = Affine(x, $"CNN_high_{i}/W_carry", $"CNN_high_{i}/b_carry");
            x = [.. x.Select((value, k) => (Sigmoid(carry[k]) * Math.Max(0, transformed[k])) + ((1 - Sigmoid(carry[k])) * value))];
        }

        return shape.FilterCount == shape.Projection ? x : Affine(x, "CNN_proj/W_proj", "CNN_proj/b_proj");
    }

    private double[][][] Stack(double[][] inputs, int direction)
    {
        var layers = new double[shape.Layers][][];
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string cell = $"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell";
            double[][] outputs = Lstm(
                inputs, (float[,])arrays[$"{cell}/W_0"], (float[])arrays[$"{cell}/B"],
                arrays.TryGetValue($"{cell}/W_P_0", out Array? projection) ? (float[,])projection : null);
            if (layer > 0 && shape.Skip)
                outputs = [.. outputs.Zip(inputs, (output, input) => output.Zip(input, (a, b) => a + b).ToArray())];
            layers[layer] = inputs = outputs;
        }

        return layers;
    }

    private double[][] Lstm(double[][] inputs, float[,] matrix, float[] bias, float[,]? projection)
    {
        double[] hidden = new double[shape.Projection], memory = new double[shape.Cells];
        var outputs = new List<double[]>();
        foreach (double[] input in inputs)
        {
            double[] joined = [.. input, .. hidden];
            double Gate(int gate, int unit)
            {
                double sum = bias[(gate * shape.Cells) + unit];
                for (int i = 0; i < joined.Length; i++)
                    sum += joined[i] * matrix[i, (gate * shape.Cells) + unit];
                return sum;
            }

            double[] emitted = new double[shape.Cells];
            for (int unit = 0; unit < shape.Cells; unit++)
            {
                memory[unit] = Clip((Sigmoid(Gate(2, unit) + 1) * memory[unit]) + (Sigmoid(Gate(0, unit)) * Math.Tanh(Gate(1, unit))));
                emitted[unit] = Sigmoid(Gate(3, unit)) * Math.Tanh(memory[unit]);
            }

            hidden = projection is null
                ? emitted
                :
                [
                    .. Enumerable.Range(0, shape.Projection)
                        .Select(k => Clip(Enumerable.Range(0, shape.Cells).Sum(unit => emitted[unit] * projection[unit, k]))),
                ];
            outputs.Add(hidden);
        }

        return [.. outputs];
    }

    private double[] Affine(double[] x, string matrixName, string biasName)
    {
        var matrix = (float[,])arrays[matrixName];
        var bias = (float[])arrays[biasName];
        return [.. bias.Select((value, k) => value + x.Select((from, i) => from * matrix[i, k]).Sum())];
    }

    private double Clip(double value) => Math.Clamp(value, -shape.Clip, shape.Clip);

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
}
