using MLNet.Papers.FastText;
using MLNet.Papers.Persistence;

namespace MLNet.Papers;

/// <content>Reading and writing files.</content>
public sealed partial class FastTextModel : IModelPart<FastTextModel>
{
    private const string Binary = ".bin";
    private const string Quantized = ".ftz";
    private const string Text = ".vec";

    /// <summary>Reads a model that the fastText program, or <see cref="Save"/>, has written.</summary>
    /// <param name="path">A <c>.bin</c>, <c>.ftz</c> or <c>.vec</c> file, recognised by its content.</param>
    /// <exception cref="FormatException">
    /// The file is none of these, or damaged; the message names the file and the field, and what else the file seems to be.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <remarks>
    /// A <c>.vec</c> file may lack the line with the number of words and the dimension, as those of GloVe do, and begin with a byte order mark. A line is a
    /// word, then its values; the word may have spaces or tabs within.
    /// </remarks>
    public static FastTextModel Load(string path) => Load(path, null);

    /// <summary>Reads a model from a stream, which it fills to the end.</summary>
    /// <param name="stream">
    /// What a <c>.bin</c>, <c>.ftz</c> or <c>.vec</c> file holds, recognised by its content. It need not be seekable, and stays open.
    /// </param>
    /// <exception cref="FormatException">The bytes are none of these, or damaged; the message names the field.</exception>
    public static FastTextModel Load(Stream stream) => Load(stream, null);

    /// <summary>Reads a model of a file; <paramref name="check"/> is called now and then and throws to stop.</summary>
    internal static FastTextModel Load(string path, Action? check)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        try
        {
            return Load(stream, check);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"'{path}': {exception.Message}", exception);
        }
    }

    private static FastTextModel Load(Stream stream, Action? check)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var source = new ByteSource(stream) { Check = check };
        byte[] start = source.Peek(FileKind.Start).ToArray();
        try
        {
            return VectorFile.HeadOf(source) is { } head ? VectorFile.Read(source, head) : ModelFileReader.Read(source);
        }
        catch (FormatException exception) when (!start.AsSpan().StartsWith(ModelFileReader.MagicBytes) && FileKind.Of(start) is { } kind)
        {
            throw new FormatException($"{exception.Message} The file seems to be {kind}.", exception);
        }
    }

    /// <summary>Writes the model into a file, in the format of the file name's extension. A former file stays as it is until the new one is whole.</summary>
    /// <param name="path">
    /// A path that ends with <c>.bin</c> (not for a compressed model), <c>.ftz</c> (only for a compressed model) or <c>.vec</c> (the words' vectors as text).
    /// </param>
    /// <exception cref="ArgumentException">The extension is another one, or does not go with the model.</exception>
    /// <exception cref="InvalidOperationException">A <c>.vec</c> file cannot hold a word: it has white space at an end or a line end.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string extension = Path.GetExtension(path).ToLowerInvariant();
        string? fault = extension switch
        {
            Binary when IsQuantized => $"A quantised model is saved as {Quantized} or {Text}, not as {Binary}.",
            Quantized when !IsQuantized =>
                $"Only a quantised model is saved as {Quantized}; call {nameof(Quantize)} first, or save this one as {Binary} or {Text}.",
            Binary or Quantized or Text => null,
            _ => $"The file name must end with {Binary}, {Quantized} or {Text}, but ends with '{extension}'.",
        };
        if (fault is not null)
            throw new ArgumentException(fault, nameof(path));
        RequireWritable(extension != Text);
        WholeFile.WriteBytes(path, extension == Text ? SaveText : SaveBinary);
    }

    /// <summary>Writes the model as a <c>.bin</c> file, or if it <see cref="IsQuantized"/> as a <c>.ftz</c> file.</summary>
    /// <param name="stream">Where it is written; stays open.</param>
    public void SaveBinary(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        RequireWritable(isBinary: true);
        ModelFileWriter.Write(this, stream);
    }

    /// <summary>Writes the vectors of the known words as a <c>.vec</c> file: text with five significant digits.</summary>
    /// <param name="stream">Where it is written; stays open.</param>
    /// <exception cref="InvalidOperationException">A word, which only a file can have given the model, has white space at an end or a line end.</exception>
    public void SaveText(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        VectorFile.Write(this, stream);
    }

    // Behind the blocks: a model may be larger than a block can be.
    void IModelPart.Write(ModelWriter writer, string block) => writer.Follow(stream => ChunkedStream.Write(stream, SaveBinary));

    static FastTextModel IModelPart<FastTextModel>.Read(ModelReader reader, string block)
    {
        ChunkedStream.ChunkReader chunks = ChunkedStream.Read(reader.Rest);
        return ModelFileReader.Read(new ByteSource(chunks, chunks.Length));
    }

    // No file format holds rows that were dropped but not compressed.
    private void RequireWritable(bool isBinary)
    {
        if (isBinary && Dictionary.IsPruned && !IsQuantized)
            throw new InvalidOperationException("A model whose rows were pruned can only be saved after it was quantised.");
    }
}
