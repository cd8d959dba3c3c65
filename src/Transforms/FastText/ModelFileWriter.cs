using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Writes the binary model files of the fastText program, version 12.</summary>
internal static class ModelFileWriter
{
    public static void Write(FastTextModel model, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(ModelFileReader.Magic);
        writer.Write(ModelFileReader.Version);
        WriteArguments(writer, model.Arguments);
        WriteDictionary(writer, model.Dictionary);
        WriteMatrix(writer, model.Input);
        WriteMatrix(writer, model.Output ?? new DenseMatrix(0, model.Dimension));
    }

    private static void WriteArguments(BinaryWriter writer, FastTextArguments arguments)
    {
        writer.Write(arguments.Dimension);
        writer.Write(arguments.WindowSize);
        writer.Write(arguments.Epochs);
        writer.Write(arguments.MinimumCount);
        writer.Write(arguments.NegativeSamples);
        writer.Write(arguments.WordNgrams);
        writer.Write((int)arguments.Loss);
        writer.Write((int)arguments.Architecture);
        writer.Write(arguments.Buckets);
        writer.Write(arguments.MinNgramLength);
        writer.Write(arguments.MaxNgramLength);
        writer.Write(arguments.LearningRateUpdateRate);
        writer.Write(arguments.SamplingThreshold);
    }

    private static void WriteDictionary(BinaryWriter writer, FastTextDictionary dictionary)
    {
        int size = dictionary.WordCount + dictionary.LabelCount;
        writer.Write(size);
        writer.Write(dictionary.WordCount);
        writer.Write(dictionary.LabelCount);
        writer.Write(dictionary.TokenCount);
        writer.Write(dictionary.Pruned?.Count ?? -1L);
        for (int id = 0; id < size; id++)
        {
            writer.Write(dictionary.Name(id));
            writer.Write((byte)0);
            writer.Write(dictionary.Count(id));
            writer.Write(id >= dictionary.WordCount);
        }

        foreach (PrunedBucket pair in dictionary.Pruned ?? [])
        {
            writer.Write(pair.Bucket);
            writer.Write(pair.Row);
        }
    }

    private static void WriteMatrix(BinaryWriter writer, EmbeddingMatrix matrix)
    {
        writer.Write(matrix is QuantizedMatrix);
        if (matrix is not QuantizedMatrix quantized)
        {
            writer.Write((long)matrix.Rows);
            writer.Write((long)matrix.Columns);
            WriteFloats(writer, ((DenseMatrix)matrix).Values);
            return;
        }

        writer.Write(quantized.NormCodes is not null);
        writer.Write((long)matrix.Rows);
        writer.Write((long)matrix.Columns);
        writer.Write(quantized.Codes.Length);
        writer.Write(quantized.Codes);
        WriteQuantizer(writer, quantized.Quantizer);
        if (quantized.NormCodes is not null)
        {
            writer.Write(quantized.NormCodes);
            WriteQuantizer(writer, quantized.NormQuantizer!);
        }
    }

    private static void WriteQuantizer(BinaryWriter writer, ProductQuantizer quantizer)
    {
        writer.Write(quantizer.Dimension);
        writer.Write(quantizer.Pieces);
        writer.Write(quantizer.PieceLength);
        writer.Write(quantizer.LastPieceLength);
        WriteFloats(writer, quantizer.Centroids);
    }

    // The bytes of a large matrix are more than a span can hold.
    private static void WriteFloats(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        const int Chunk = 1 << 20;
        for (; values.Length > 0; values = values[Math.Min(Chunk, values.Length)..])
            writer.Write(MemoryMarshal.AsBytes(values[..Math.Min(Chunk, values.Length)]));
    }
}
