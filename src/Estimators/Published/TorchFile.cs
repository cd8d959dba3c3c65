using System.Buffers.Binary;
using System.IO.Compression;

namespace MLNet.Papers.Published;

/// <summary>Files that PyTorch writes: a pickle of names and tensors, and the storages that these are views of.</summary>
/// <remarks>A pickle can ask for any code to be run. This reader runs none: it knows what a dictionary of tensors is made of, and refuses all else.</remarks>
internal static class TorchFile
{
    private const long LargestPickle = 4 << 20;

    /// <summary>The arrays of a file by their names.</summary>
    /// <param name="file">The file, which the arrays are read from later.</param>
    /// <param name="archive">The zip archive that the file is; null if it is of the older kind. To be kept as long as arrays are read.</param>
    /// <exception cref="FormatException">The file is damaged, or asks for something else than tensors.</exception>
    public static Dictionary<string, PublishedArray> Arrays(FileStream file, out ZipArchive? archive)
    {
        archive = null;
        byte[] start = new byte[4];
        file.Position = 0;
        bool isArchive = file.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.AsSpan().SequenceEqual("PK\u0003\u0004"u8);
        file.Position = 0;
        if (!isArchive)
            return OldArrays(file);
        try
        {
            archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            return ArchivedArrays(file, archive);
        }
        catch (InvalidDataException exception)
        {
            throw new FormatException($"'{file.Name}' is a damaged zip archive: {exception.Message}", exception);
        }
    }

    private static Dictionary<string, PublishedArray> ArchivedArrays(FileStream file, ZipArchive archive)
    {
        const string pickle = "data.pkl";
        ZipArchiveEntry[] pickles = [.. archive.Entries.Where(entry => entry.Name == pickle)];
        if (pickles.Length != 1)
            throw new FormatException($"'{file.Name}' is a zip archive with {pickles.Length} files {pickle}, but must have one, as PyTorch writes it.");
        string folder = pickles[0].FullName[..^pickle.Length];
        if (archive.GetEntry(folder + "byteorder") is { Length: < 100 } order)
        {
            using var reader = new StreamReader(order.Open());
            if (reader.ReadToEnd().Trim() != "little")
                throw new FormatException($"'{file.Name}' has numbers with the highest byte first, which are not read.");
        }

        if (pickles[0].Length > Math.Min(LargestPickle, file.Length))
            throw new FormatException($"'{file.Name}' has a list of tensors of {pickles[0].Length} bytes, of {file.Length}; the file is damaged.");
        using Stream stream = pickles[0].Open();
        var unpickler = new Unpickler(stream, file.Name, LargestPickle);
        return Named(file, unpickler.Load(), storage =>
        {
            ZipArchiveEntry entry = archive.GetEntry($"{folder}data/{storage.Key}")
                ?? throw new FormatException($"'{file.Name}' has no storage '{storage.Key}', which a tensor is a view of.");
            if (entry.Length > file.Length)
                throw new FormatException($"'{file.Name}': the storage '{storage.Key}' claims {entry.Length} bytes of a file of {file.Length}.");
            return (entry.Length, entry.Open);
        });
    }

    // Of PyTorch before 1.6: a magic number, a version, facts about the machine, the tensors, the keys of the storages, and these one after the other.
    private static Dictionary<string, PublishedArray> OldArrays(FileStream file)
    {
        using var buffered = new BufferedStream(FilePart.Open(file, 0), 1 << 16);
        var unpickler = new Unpickler(buffered, file.Name, Math.Min(LargestPickle, file.Length));
        if (unpickler.Load() is not byte[] magic || !magic.AsSpan().SequenceEqual((byte[])[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]))
            throw new FormatException($"'{file.Name}' is no file that PyTorch has written: it does not begin as these do.");
        if (unpickler.Load() is not 1001L)
            throw new FormatException($"'{file.Name}' is of a version of PyTorch's files that is not known.");
        unpickler.Load();
        object? tensors = unpickler.Load(), keys = unpickler.Load();
        var sizes = new Dictionary<string, (int Size, long Count)>(StringComparer.Ordinal);
        foreach (StorageReference storage in unpickler.Storages)
            sizes[storage.Key] = (storage.Size, storage.Count);
        var places = new Dictionary<string, (long Start, long Length)>(StringComparer.Ordinal);
        long place = unpickler.Position;
        byte[] head = new byte[sizeof(long)];
        foreach (object? key in keys as List<object?> ?? throw new FormatException($"'{file.Name}' has no list of storages; the file is damaged."))
        {
            if (key is not string name || !sizes.TryGetValue(name, out (int Size, long Count) known))
                throw new FormatException($"'{file.Name}' has a storage '{key}' that no tensor is a view of; the file is damaged.");
            if (place > file.Length - head.Length)
                throw new FormatException($"'{file.Name}' is cut short before the storage '{name}'.");
            file.Position = place;
            file.ReadExactly(head);
            long count = BinaryPrimitives.ReadInt64LittleEndian(head);
            place += head.Length;
            if (count != known.Count || count > (file.Length - place) / known.Size)
                throw new FormatException($"'{file.Name}': the storage '{name}' claims {count} numbers; the file is damaged or cut short.");
            places[name] = (place, count * known.Size);
            place += count * known.Size;
        }

        return Named(file, tensors, storage => places.TryGetValue(storage.Key, out (long Start, long Length) found)
            ? (found.Length, () => FilePart.Open(file, found.Start))
            : throw new FormatException($"'{file.Name}' has no storage '{storage.Key}', which a tensor is a view of."));
    }

    private static Dictionary<string, PublishedArray> Named(FileStream file, object? root, Func<StorageReference, (long Length, Func<Stream> Open)> find)
    {
        if (root is not Dictionary<object, object?> entries)
            throw new FormatException($"'{file.Name}' holds no dictionary of tensors, as a state_dict of PyTorch is one.");
        var arrays = new Dictionary<string, PublishedArray>(StringComparer.Ordinal);
        foreach ((object key, object? value) in entries)
        {
            if (key is not string name || value is not TensorReference tensor)
                continue;
            arrays[name] = ArrayOf(file, name, tensor, find(tensor.Storage));
        }

        return arrays;
    }

    private static PublishedArray ArrayOf(FileStream file, string name, TensorReference tensor, (long Length, Func<Stream> Open) storage)
    {
        int size = tensor.Storage.Size;
        if (PublishedArray.Product(tensor.Shape) is not { } count || tensor.Strides.Length != tensor.Shape.Length || tensor.Offset < 0)
            throw new FormatException($"'{file.Name}': '{name}' has the shape [{string.Join(", ", tensor.Shape)}], which is none; the file is damaged.");
        if (count > 0 && (tensor.Offset > storage.Length / size || count > (storage.Length / size) - tensor.Offset))
        {
            throw new FormatException($"'{file.Name}': '{name}' has the shape [{string.Join(", ", tensor.Shape)}] from {tensor.Offset} on, " +
                $"but its storage has {storage.Length / size} numbers; the file is damaged.");
        }

        bool isTransposed = count > 0 && !IsDense(tensor.Shape, tensor.Strides) && tensor.Shape.Length == 2
            && IsDense([tensor.Shape[1], tensor.Shape[0]], [tensor.Strides[1], tensor.Strides[0]]);
        if (count > 0 && !isTransposed && !IsDense(tensor.Shape, tensor.Strides))
            throw new FormatException($"'{file.Name}': the numbers of '{name}' do not stand side by side; have it saved as a contiguous tensor.");
        return new(file.Name, name, tensor.Storage.Kind, tensor.Storage.KindName, isTransposed ? [tensor.Shape[1], tensor.Shape[0]] : tensor.Shape, () =>
        {
            Stream stream = storage.Open();
            Skip(stream, tensor.Offset * size);
            return stream;
        })
        {
            IsTransposed = isTransposed,
        };
    }

    private static bool IsDense(long[] shape, long[] strides)
    {
        long expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected)
                return false;
            expected *= shape[i];
        }

        return true;
    }

    private static void Skip(Stream stream, long bytes)
    {
        byte[] part = new byte[(int)Math.Min(bytes, 1 << 16)];
        for (long left = bytes; left > 0;)
        {
            int read = stream.Read(part, 0, (int)Math.Min(left, part.Length));
            if (read == 0)
                return;
            left -= read;
        }
    }
}
