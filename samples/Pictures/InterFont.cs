using System.Reflection;
using System.Text;
using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>The font Inter, from the assembly in which a package ships it.</summary>
/// <remarks>
/// The assembly has one resource for all files: the length of an index, the index (a version, a count, and of each file its path, where it begins after
/// the index, and how long it is), and the files. Numbers are integers of 32 bits; a path has its length in front, as <see cref="BinaryWriter"/> writes it.
/// </remarks>
internal static class InterFont
{
    /// <summary>Loads a weight of the font.</summary>
    /// <param name="weight">Thin, Light, Regular, Medium, SemiBold or Bold.</param>
    public static SKTypeface Load(string weight)
    {
        using Stream program = typeof(InterFont).Assembly.GetManifestResourceStream("Inter")!;
        using var assembly = new MemoryStream();
        program.CopyTo(assembly);
        using Stream files = Assembly.Load(assembly.ToArray()).GetManifestResourceStream("!AvaloniaResources")!;
        using var reader = new BinaryReader(files, Encoding.UTF8);
        int begin = sizeof(int) + reader.ReadInt32();
        _ = reader.ReadInt32();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string path = reader.ReadString();
            int offset = reader.ReadInt32(), length = reader.ReadInt32();
            if (path != $"/Assets/Inter-{weight}.ttf")
                continue;
            files.Position = begin + offset;
            using var data = SKData.CreateCopy(reader.ReadBytes(length));
            return SKTypeface.FromData(data);
        }

        throw new InvalidOperationException($"The font Inter has no weight '{weight}'.");
    }
}
