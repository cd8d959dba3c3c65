using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>What the values of a row are: how an encoder reads them, and what a decoder's outputs say of them.</summary>
/// <remarks>
/// An encoder reads numbers on a scale with mean 0 and deviation 1, categories as they are, and 0 for a value that is missing; where values may be missing, as
/// many inputs again say which are. The outputs of a decoder are the means of numbers on that scale, or the logits of numbers and categories.
/// </remarks>
/// <param name="Size">D, values of a row.</param>
/// <param name="Image">The image that a row is; null for a vector.</param>
/// <param name="Ranges">Numbers and categories, in order.</param>
/// <param name="Likelihood">What is said of numbers.</param>
/// <param name="ReadsMissing">Whether NaN stands for a value that is missing.</param>
/// <param name="Scale">The scale of the values: one for all, or one for each.</param>
[Block("rows")]
internal sealed record RowLayout(
    int Size, ImageShape? Image, SlotRange[] Ranges, Likelihood Likelihood, bool ReadsMissing, StandardScale Scale) : IModelRecord
{
    private readonly float[] _means = Array.ConvertAll(Scale.Means, mean => (float)mean);
    private readonly float[] _deviations = Array.ConvertAll(Scale.Deviations, deviation => (float)deviation);

    /// <summary>How many values an encoder reads.</summary>
    public int InputSize => ReadsMissing ? 2 * Size : Size;

    /// <summary>What an encoder reads, as an image: a vector is one of one pixel.</summary>
    public ImageShape Input => Image is { } shape ? shape with { Channels = InputSize / Size * shape.Channels } : new(InputSize, 1, 1);

    /// <summary>What a decoder gives.</summary>
    public ImageShape Output => Image ?? new(Size, 1, 1);

    /// <summary>The column of rows.</summary>
    public FeatureColumn Column(string name) => new(name, Image) { Length = Image is null ? Size : null };

    /// <summary>Makes of a row what an encoder reads.</summary>
    /// <param name="row">D values.</param>
    /// <param name="prepared">Receives <see cref="InputSize"/> values.</param>
    /// <returns>Whether all is finite, or missing where that is allowed; else nothing can be said of the row.</returns>
    public bool Prepare(ReadOnlySpan<float> row, Span<float> prepared)
    {
        bool isWhole = FiniteValues.AreAll(row);
        if (!isWhole && (!ReadsMissing || ContainsInfinity(row)))
            return false;
        Span<float> own = prepared[..Size];
        Standardize(row, own);
        if (ReadsMissing)
        {
            prepared[Size..].Clear();
            if (!isWhole)
                MarkMissing(own, prepared[Size..]);
        }

        return true;
    }

    /// <summary>Makes of a row on the scale, with NaN where a value is missing, what an encoder reads.</summary>
    public void Read(ReadOnlySpan<float> standard, Span<float> prepared)
    {
        standard.CopyTo(prepared);
        if (!ReadsMissing)
            return;
        prepared[Size..].Clear();
        MarkMissing(prepared[..Size], prepared[Size..]);
    }

    /// <summary>Puts a row on the scale.</summary>
    public void Standardize(ReadOnlySpan<float> row, Span<float> standard)
    {
        if (_means is [var mean])
        {
            TensorPrimitives.Subtract(row, mean, standard);
            TensorPrimitives.Divide(standard, _deviations[0], standard);
            return;
        }

        TensorPrimitives.Subtract(row, _means, standard);
        TensorPrimitives.Divide(standard, _deviations, standard);
    }

    /// <summary>A category of which a slot is missing is missing.</summary>
    public void SpreadMissing(Span<float> row)
    {
        foreach (SlotRange range in Ranges)
        {
            if (range.IsCategory && TensorPrimitives.Sum<float>(row.Slice(range.First, range.Count)) is float.NaN)
                row.Slice(range.First, range.Count).Fill(float.NaN);
        }
    }

    /// <summary>What a decoder's outputs say a row is: numbers in their unit, and the probabilities of categories.</summary>
    /// <param name="outputs">D values.</param>
    /// <param name="row">Receives D values.</param>
    public void Restore(ReadOnlySpan<float> outputs, Span<float> row)
    {
        if (Likelihood == Likelihood.Bernoulli)
            TensorPrimitives.Sigmoid(outputs, row);
        else if (_means is [var mean])
            Scaled(outputs, _deviations[0], mean, row);
        else
            TensorPrimitives.MultiplyAdd(outputs, _deviations, _means, row);
        foreach (SlotRange range in Ranges)
        {
            if (!range.IsCategory)
                continue;
            Span<float> own = row.Slice(range.First, range.Count);
            outputs.Slice(range.First, range.Count).CopyTo(own);
            ClassProbabilities.Softmax(own);
        }
    }

    /// <summary>
    /// The mean deviance of what is there of a row: minus twice the logarithm of the likelihood, up to a constant. Of a number the squared error in standard
    /// deviations, or twice its cross-entropy; of a category twice its cross-entropy, in nats.
    /// </summary>
    /// <param name="outputs">What the decoder gave, D values, which are overwritten.</param>
    /// <param name="prepared">What the encoder read.</param>
    public float Deviance(Span<float> outputs, ReadOnlySpan<float> prepared)
    {
        double sum = 0;
        int parts = 0;
        foreach (SlotRange range in Ranges)
        {
            sum += DevianceOf(range, outputs, prepared, out int there);
            parts += there;
        }

        return parts == 0 ? 0 : (float)(sum / parts);
    }

    /// <summary>
    /// ln p of what is there of a row, in nats, where each number is normal with the same deviation on the scale of the rows, or a probability of 1.
    /// </summary>
    /// <param name="outputs">What the decoder gave, D values, which are overwritten.</param>
    /// <param name="prepared">What the encoder read.</param>
    /// <param name="deviation">The standard deviation of numbers.</param>
    public double LogLikelihood(Span<float> outputs, ReadOnlySpan<float> prepared, double deviation)
    {
        double sum = 0;
        foreach (SlotRange range in Ranges)
        {
            double deviance = DevianceOf(range, outputs, prepared, out int there);
            sum -= IsNormal(range) ? (deviance / (deviation * deviation)) + (there * NormalDeviance(deviation)) : deviance;
        }

        return sum / 2;
    }

    /// <summary>Whether the slots of a range are normal.</summary>
    public bool IsNormal(SlotRange range) => !range.IsCategory && Likelihood == Likelihood.Gaussian;

    /// <summary>The constant of the deviance of a number that is normal: ln(2π σ²).</summary>
    public static double NormalDeviance(double deviation) => Math.Log(2 * Math.PI * deviation * deviation);

    /// <summary>The same as <see cref="Prepare"/> in a graph, from a column of rows that becomes its input.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The column.</param>
    /// <returns>What the encoder reads, (B, <see cref="InputSize"/>); and 0 for each row of which something can be said, NaN for the others, (B, 1).</returns>
    public (OnnxValue Prepared, OnnxValue Missing) InputIn(OnnxGraph graph, string name)
    {
        OnnxDimension[] shape = Image is { } image ? [OnnxGraph.Batch, image.Channels, image.Height, image.Width] : [OnnxGraph.Batch, Size];
        OnnxValue input = graph.Input(name, OnnxType.Single, shape), rows = Image is null ? input : graph.Flatten(input);
        OnnxValue standard = Scale.ApplyInOnnx(graph, rows);
        if (!ReadsMissing)
            return (standard, graph.NotFinite(rows));
        OnnxValue absent = Node("IsNaN", standard);
        OnnxValue[] parts = [.. Ranges.Select(range => Part(absent, range))];
        OnnxValue isMissing = graph.Concatenate(1, [.. Ranges.Zip(parts, (range, part) => !range.IsCategory ? Single(part) : graph.Expand(
            graph.Greatest(Single(part), 1, keepsAxis: true), graph.Concatenate(0, graph.Length(rows, 0), graph.Integers(range.Count))))]);
        OnnxValue read = graph.Node("Where", [graph.IsPositive(isMissing), graph.Number(0), standard]);
        return (graph.Concatenate(1, read, isMissing), graph.NotFinite(read));

        OnnxValue Node(string name, OnnxValue value) => graph.Node(name, [value]);

        OnnxValue Single(OnnxValue value) => graph.Convert(value, OnnxType.Single);

        OnnxValue Part(OnnxValue value, SlotRange range) => graph.Slice(value, 1, range.First, range.First + range.Count);
    }

    /// <summary>The same as <see cref="Restore"/> in a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What the decoder gives, (B, D).</param>
    public OnnxValue RestoreInOnnx(OnnxGraph graph, OnnxValue outputs)
    {
        OnnxValue numbers = Likelihood == Likelihood.Bernoulli ? graph.Sigmoid(outputs) : Scale.RestoreInOnnx(graph, outputs);
        return !Ranges.Any(range => range.IsCategory) ? numbers : graph.Concatenate(1, [.. Ranges.Select(range => range.IsCategory
            ? graph.Softmax(graph.Slice(outputs, 1, range.First, range.First + range.Count))
            : graph.Slice(numbers, 1, range.First, range.First + range.Count))]);
    }

    /// <summary>The same as <see cref="Deviance"/> in a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What the decoder gives, (B, D).</param>
    /// <param name="prepared">What the encoder reads.</param>
    /// <returns>(B, 1).</returns>
    public OnnxValue DevianceInOnnx(OnnxGraph graph, OnnxValue outputs, OnnxValue prepared)
    {
        (SlotRange Range, OnnxValue Sum, OnnxValue There)[] parts = [.. PartsInOnnx(graph, outputs, prepared)];
        OnnxValue there = parts.Select(part => part.There).Aggregate(graph.Add);
        return graph.Divide(parts.Select(part => part.Sum).Aggregate(graph.Add), graph.Maximum(there, graph.Number(1)));
    }

    /// <summary>The same as <see cref="LogLikelihood"/> in a graph, (B, 1).</summary>
    public OnnxValue LogLikelihoodInOnnx(OnnxGraph graph, OnnxValue outputs, OnnxValue prepared, double deviation)
    {
        OnnxValue scale = graph.Number((float)(1 / (deviation * deviation))), constant = graph.Number((float)NormalDeviance(deviation));
        OnnxValue deviances = PartsInOnnx(graph, outputs, prepared).Select(part => IsNormal(part.Range)
            ? graph.Add(graph.Multiply(part.Sum, scale), graph.Multiply(part.There, constant))
            : part.Sum).Aggregate(graph.Add);
        return graph.Multiply(deviances, graph.Number(-0.5f));
    }

    /// <summary>Why a graph cannot read a column of rows; null if it can.</summary>
    public static string? FindOnnxFault(DataViewSchema.Column column) => column.Type is VectorDataViewType
        ? null
        : $"column '{column.Name}' has pictures, which a graph does not read: ExtractPixels gives vectors of their pixels";

    string? IModelRecord.FindFault()
    {
        bool isWhole = Size is >= 1 and <= 1 << 24 && (Image is not { } shape || ImageFits(shape)) && Ranges is { Length: > 0 }
            && (Scale.Size == Size || Scale.Size == 1) && Enum.IsDefined(Likelihood);
        int next = 0;
        foreach (SlotRange range in isWhole ? Ranges : [])
        {
            isWhole &= range.First == next && range.Count >= 1 && range.Count <= Size - next;
            next = isWhole ? next + range.Count : Size;
        }

        return isWhole && next == Size ? null : "Block 'rows' does not describe rows: its ranges must be one after the other, and the scale fit them.";
    }

    // The sum of the deviances of a range, and over how many parts of the row.
    private double DevianceOf(SlotRange range, Span<float> outputs, ReadOnlySpan<float> prepared, out int there)
    {
        Span<float> output = outputs.Slice(range.First, range.Count);
        ReadOnlySpan<float> value = prepared.Slice(range.First, range.Count);
        if (range.IsCategory)
        {
            float total = TensorPrimitives.Sum(value);
            there = total == 0 ? 0 : 1;
            if (total == 0)
                return 0;
            float greatest = TensorPrimitives.Max<float>(output), expected = TensorPrimitives.Dot(value, output);
            TensorPrimitives.Subtract(output, greatest, output);
            TensorPrimitives.Exp<float>(output, output);
            return 2 * ((total * (greatest + Math.Log(TensorPrimitives.Sum<float>(output)))) - expected);
        }

        ToDeviances(output, value);
        there = range.Count;
        double sum = TensorPrimitives.Sum<float>(output);
        if (!ReadsMissing)
            return sum;
        ReadOnlySpan<float> absent = prepared.Slice(Size + range.First, range.Count);
        there -= (int)TensorPrimitives.Sum(absent);
        return sum - TensorPrimitives.Dot<float>(output, absent);
    }

    // For each range the sum of its deviances and over how many parts of the row, (B, 1).
    private IEnumerable<(SlotRange Range, OnnxValue Sum, OnnxValue There)> PartsInOnnx(OnnxGraph graph, OnnxValue outputs, OnnxValue prepared)
    {
        foreach (SlotRange range in Ranges)
        {
            OnnxValue output = Part(outputs, 0), value = Part(prepared, 0);
            if (range.IsCategory)
            {
                OnnxValue logs = graph.Node("LogSoftmax", [output], ("axis", -1L));
                yield return (
                    range, graph.Multiply(Sum(graph.Multiply(value, logs)), graph.Number(-2)),
                    graph.Convert(graph.IsPositive(Sum(value)), OnnxType.Single));
                continue;
            }

            OnnxValue deviances = DeviancesInOnnx(graph, output, value);
            if (!ReadsMissing)
            {
                yield return (range, Sum(deviances), graph.Number(range.Count));
                continue;
            }

            OnnxValue present = graph.Subtract(graph.Number(1), Part(prepared, Size));
            yield return (range, Sum(graph.Multiply(deviances, present)), Sum(present));

            OnnxValue Part(OnnxValue values, int first) => graph.Slice(values, 1, first + range.First, first + range.First + range.Count);
        }

        OnnxValue Sum(OnnxValue values) => graph.Sum(values, 1, keepsAxis: true);
    }

    private bool ImageFits(ImageShape shape) =>
        shape is { Channels: >= 1, Height: >= 1, Width: >= 1 } && (Int128)shape.Channels * shape.Height * shape.Width == Size;

    private void MarkMissing(Span<float> row, Span<float> missing)
    {
        SpreadMissing(row);
        for (int slot = 0; slot < row.Length; slot++)
        {
            if (float.IsNaN(row[slot]))
                (row[slot], missing[slot]) = (0, 1);
        }
    }

    private static void Scaled(ReadOnlySpan<float> values, float factor, float term, Span<float> scaled)
    {
        TensorPrimitives.Multiply(values, factor, scaled);
        TensorPrimitives.Add(scaled, term, scaled);
    }

    private static bool ContainsInfinity(ReadOnlySpan<float> row)
    {
        foreach (float value in row)
        {
            if (float.IsInfinity(value))
                return true;
        }

        return false;
    }

    private void ToDeviances(Span<float> outputs, ReadOnlySpan<float> values)
    {
        if (Likelihood == Likelihood.Gaussian)
        {
            TensorPrimitives.Subtract(outputs, values, outputs);
            TensorPrimitives.Multiply(outputs, outputs, outputs);
            return;
        }

        // -2 ln p(x) = 2 · (softplus(a) - x·a), and softplus(a) = max(a, 0) + ln(1 + e^-|a|).
        for (int i = 0; i < outputs.Length; i++)
        {
            double logit = outputs[i], value = Math.Clamp(values[i], 0, 1);  // beyond them the likelihood would grow without bound
            outputs[i] = (float)(2 * (Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit))) - (value * logit)));
        }
    }

    private OnnxValue DeviancesInOnnx(OnnxGraph graph, OnnxValue outputs, OnnxValue values)
    {
        if (Likelihood == Likelihood.Gaussian)
        {
            OnnxValue errors = graph.Subtract(outputs, values);
            return graph.Multiply(errors, errors);
        }

        OnnxValue clamped = graph.Node("Clip", [values, graph.Number(0), graph.Number(1)]);
        return graph.Multiply(graph.Subtract(graph.Node("Softplus", [outputs]), graph.Multiply(clamped, outputs)), graph.Number(2));
    }
}
