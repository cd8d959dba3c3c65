using System.Reflection;
using System.Text.RegularExpressions;

namespace MLNet.Papers.Tests.Architecture;

/// <summary>The files of this repository, and which folder of them a type comes from.</summary>
internal static partial class Repository
{
    /// <summary>The rooms, each of which may use those before it.</summary>
    public static IReadOnlyList<string> Rooms { get; } = ["Interop", "Transforms", "Trainers", "Estimators"];

    /// <summary>The folder that holds the solution, above the folder that the tests run in.</summary>
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static Assembly Room(string name) => Assembly.Load($"MLNet.Papers.{name}");

    /// <summary>All files below a folder that people wrote: no build output.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path(folder), pattern, SearchOption.AllDirectories)
            .Where(file => !System.IO.Path.GetRelativePath(Root, file).Split(System.IO.Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    // Types of one name in two folders would be confused: a test says that there are none.
    private static Dictionary<string, Declaration> Known { get; } = Declarations().DistinctBy(declaration => declaration.Type)
        .ToDictionary(declaration => declaration.Type);

    /// <summary>The techniques: the folders whose files declare an estimator.</summary>
    public static IReadOnlyList<string> Techniques { get; } =
    [
        .. Rooms.SelectMany(room => Room(room).GetTypes())
            .Where(type => type is { IsPublic: true, IsAbstract: false }
                && type.GetInterfaces().Any(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(Microsoft.ML.IEstimator<>)))
            .Select(type => DeclarationOf(type).Folder)
            .Distinct()
            .Order(),
    ];

    /// <summary>The types that are declared in the folders of this name, whatever their namespace.</summary>
    public static IReadOnlyList<Type> TypesIn(string folder) =>
        [.. Rooms.SelectMany(room => Room(room).GetTypes()).Where(type => Known.GetValueOrDefault(NameOf(type))?.Folder == folder)];

    /// <summary>Where a type is declared; of one that is nested, the outermost.</summary>
    public static Declaration DeclarationOf(Type type) => DeclarationOf(NameOf(type));

    /// <summary>Where the type of a name is declared.</summary>
    public static Declaration DeclarationOf(string name) =>
        Known.GetValueOrDefault(name) ?? throw new AssertFailedException($"No file below src declares {name}.");

    /// <summary>All types that the files below src declare, but for nested ones.</summary>
    public static IEnumerable<Declaration> Declarations() =>
        from file in Files("src", "*.cs")
        let text = File.ReadAllText(file)
        from Match match in Type().Matches(text)
        select new Declaration(match.Groups["name"].Value, Namespace().Match(text).Groups["name"].Value, System.IO.Path.GetDirectoryName(file)!);

    // The outermost type of a nested or compiler-made one, without its number of parameters.
    private static string NameOf(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Name.Split('`')[0];
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "MLNet.Papers.sln")))
                return folder.FullName;
        }

        throw new AssertFailedException($"No folder above '{AppContext.BaseDirectory}' holds MLNet.Papers.sln.");
    }

    [GeneratedRegex(
        @"^(?:(?:public|internal|abstract|sealed|static|partial|readonly|ref) )*(?:class|record struct|record|struct|enum|interface|delegate \S+) (?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}

/// <summary>A type in a file.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Path">The folder of the file.</param>
internal sealed record Declaration(string Type, string Namespace, string Path)
{
    /// <summary>The name of the folder: that of the technique, or of what is shared.</summary>
    public string Folder => System.IO.Path.GetFileName(Path);

    /// <summary>The room that the folder is in.</summary>
    public string Room => System.IO.Path.GetRelativePath(Repository.Path("src"), Path).Split(System.IO.Path.DirectorySeparatorChar)[0];
}
