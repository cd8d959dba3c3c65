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
    private static Dictionary<string, string> Folders { get; } = Declarations()
        .DistinctBy(declaration => declaration.Type)
        .ToDictionary(declaration => declaration.Type, declaration => declaration.Folder);

    /// <summary>The techniques: the folders whose files declare an estimator.</summary>
    public static IReadOnlyList<string> Techniques { get; } =
    [
        .. Rooms.SelectMany(room => Room(room).GetTypes())
            .Where(type => type is { IsPublic: true, IsAbstract: false }
                && type.GetInterfaces().Any(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(Microsoft.ML.IEstimator<>)))
            .Select(type => FolderOf(type))
            .Distinct()
            .Order(),
    ];

    /// <summary>The types that are declared in the folders of this name, whatever their namespace.</summary>
    public static IReadOnlyList<Type> TypesIn(string folder) =>
        [.. Rooms.SelectMany(room => Room(room).GetTypes()).Where(type => Folders.GetValueOrDefault(NameOf(type)) == folder)];

    private static string FolderOf(Type type) =>
        Folders.GetValueOrDefault(NameOf(type)) ?? throw new AssertFailedException($"No file below src declares {type}.");

    public static IEnumerable<(string Type, string Folder)> Declarations() =>
        from file in Files("src", "*.cs")
        from Match match in Declaration().Matches(File.ReadAllText(file))
        select (match.Groups["name"].Value, System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(file)!));

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

    [GeneratedRegex(@"^(?:public |internal |abstract |sealed |static |partial |readonly )*(?:class|record struct|record|struct|enum|interface|delegate \w+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
