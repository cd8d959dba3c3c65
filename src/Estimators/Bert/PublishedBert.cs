using System.IO.Compression;
using MLNet.Papers.Networks;
using MLNet.Papers.Published;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>Reads encoders as they are published: weights in safetensors, PyTorch's or ONNX's format, a vocabulary, and what lies beside them.</summary>
internal static class PublishedBert
{
    // What lies in a folder, in the order in which it is looked for.
    private static readonly string[] ModelNames = ["model.safetensors", "pytorch_model.bin", "model.onnx", Path.Combine("onnx", "model.onnx")];

    // Tables may be longer than the vocabulary, up to a multiple of a number that is handy for a GPU.
    private const int MostPadding = 127;

    /// <summary>Reads an encoder.</summary>
    /// <param name="modelPath">The file with the weights, or the folder that has it.</param>
    /// <param name="vocabularyPath">The vocabulary; null for vocab.txt beside the weights.</param>
    /// <param name="options">What the files do not say.</param>
    /// <exception cref="FormatException">A file is damaged or of another network; the message names the array or the field.</exception>
    /// <returns>The encoder, and what predicts hidden pieces, if that was published with it.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static (BertModel Model, MaskedWordHead? Head) Load(string modelPath, string? vocabularyPath, PublishedBertOptions options)
    {
        string path = Directory.Exists(modelPath) ? ModelIn(modelPath) : modelPath;
        BertSettings settings = BertSettings.Beside(path);
        WordPieceVocabulary vocabulary = WordPieceVocabulary.Load(vocabularyPath ?? settings.FileBeside("vocab.txt") ?? throw new FileNotFoundException(
            $"There is no vocab.txt beside '{path}'. Give the path of the vocabulary."));
        (BertArchitecture architecture, NetworkWeights weights, MaskedWordHead? head) = ReadWeights(path, settings, options);
        if (vocabulary.Count > architecture.Pieces || vocabulary.Count < architecture.Pieces - MostPadding)
        {
            throw new FormatException(
                $"The vocabulary has {vocabulary.Count} pieces, but '{path}' has vectors for {architecture.Pieces}: they do not belong to each other.");
        }

        var model = new BertModel(
            vocabulary, settings.Rules(options, vocabulary), architecture, weights, settings.MaxLength(options, architecture.Positions),
            settings.Pooling ?? Pooling.Mean, settings.Normalizes);
        return (model, head);
    }

    private static string ModelIn(string folder) =>
        ModelNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"'{folder}' has none of the files {string.Join(", ", ModelNames)}.");

    private static (BertArchitecture Architecture, NetworkWeights Weights, MaskedWordHead? Head) ReadWeights(
        string path, BertSettings settings, PublishedBertOptions options)
    {
        using FileStream file = File.OpenRead(path);
        ZipArchive? archive = null;
        try
        {
            OnnxWeights? graph = null;
            Dictionary<string, PublishedArray> arrays;
            switch (KindOf(file, path))
            {
                case FileFormat.Onnx:
                    graph = OnnxWeights.Read(file);
                    arrays = graph.Arrays;
                    break;
                case FileFormat.Torch:
                    arrays = TorchFile.Arrays(file, out archive);
                    break;
                default:
                    arrays = SafetensorsFile.Arrays(file);
                    break;
            }

            var named = new BertArrays(path, arrays);
            BertArchitecture architecture = named.Architecture(settings, options, graph);
            return (architecture, named.Weights(architecture), graph is null ? named.Head(architecture) : null);
        }
        finally
        {
            archive?.Dispose();
        }
    }

    // By what the file begins with, not by its name.
    private static FileFormat KindOf(FileStream file, string path)
    {
        byte[] start = new byte[9];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (start is [(byte)'P', (byte)'K', 3, 4, ..] or [0x80, >= 2 and <= 5, ..])
            return FileFormat.Torch;
        if (read == 9 && start[8] == '{')
            return FileFormat.Safetensors;
        // A model in ONNX begins with the number of its version, or with the name of its maker.
        if (read == 9 && start[0] is 0x08 or 0x12)
            return FileFormat.Onnx;
        throw new FormatException($"'{path}' is no encoder in safetensors, PyTorch's or ONNX's format.{FileGuess.Of(path, "")}");
    }

    private enum FileFormat
    {
        Safetensors,
        Torch,
        Onnx,
    }
}
