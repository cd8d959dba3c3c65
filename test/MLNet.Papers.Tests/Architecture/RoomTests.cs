using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Microsoft.ML;
using NetArchTest.Rules;

namespace MLNet.Papers.Tests.Architecture;

[TestClass]
public sealed class RoomTests
{
    public static IEnumerable<object[]> Rooms => Repository.Rooms.Select(room => new object[] { room });

    [TestMethod, DynamicData(nameof(Rooms))]
    public void A_room_uses_only_the_rooms_below_it(string room)
    {
        string[] below = [.. Repository.Rooms.TakeWhile(other => other != room).Select(other => $"MLNet.Papers.{other}")];
        string[] used =
        [
            .. Repository.Room(room).GetReferencedAssemblies().Select(assembly => assembly.Name!)
                .Where(name => name.StartsWith("MLNet.Papers", StringComparison.Ordinal)),
        ];
        CollectionAssert.IsSubsetOf(used, below, $"{room} uses {string.Join(", ", used)}.");
    }

    [TestMethod]
    public void A_room_is_given_the_room_just_below_it_and_no_other()
    {
        foreach ((string room, string? below) in Repository.Rooms.Zip(Repository.Rooms.Prepend(null)))
        {
            string[] expected = below is null ? [] : [$"MLNet.Papers.{below}.csproj"];
            string[] given = [.. Project(room).Descendants("ProjectReference").Select(reference => Path.GetFileName(reference.Attribute("Include")!.Value))];
            CollectionAssert.AreEqual(expected, given, room);
        }
    }

    [TestMethod]
    public void Only_interop_reaches_into_the_internals_of_others()
    {
        string[] reaching =
        [
            .. Repository.Rooms.Select(Repository.Room).Append(typeof(RoomTests).Assembly)
                .Where(assembly => assembly.GetCustomAttributesData().Any(attribute => attribute.AttributeType.Name == "IgnoresAccessChecksToAttribute"))
                .Select(assembly => assembly.GetName().Name!),
        ];
        CollectionAssert.AreEqual(new[] { "MLNet.Papers.Interop" }, reaching);
    }

    [TestMethod]
    public void Only_interop_compiles_against_opened_assemblies()
    {
        string[] importing =
        [
            .. new[] { "src", "samples", "test" }.SelectMany(
                folder => Repository.Files(folder, "*.*proj").Concat(Repository.Files(folder, "*.props")).Concat(Repository.Files(folder, "*.targets")))
                .Concat(Directory.EnumerateFiles(Repository.Root, "Directory.*"))
                .Where(file => File.ReadAllText(file).Contains("Publicize", StringComparison.Ordinal))
                .Select(file => Path.GetFileName(file)),
        ];
        CollectionAssert.AreEqual(new[] { "MLNet.Papers.Interop.csproj" }, importing);
    }

    [TestMethod]
    public void Libtorch_is_not_known_below_the_transforms() =>
        AssertHolds(Types.InAssembly(Repository.Room("Interop")).Should().NotHaveDependencyOnAny("TorchSharp").GetResult());

    [TestMethod]
    public void What_is_deployed_does_not_know_how_it_was_trained() =>
        AssertHolds(
            Types.InAssembly(Repository.Room("Transforms")).Should().NotHaveDependencyOnAny("MLNet.Papers.Training", "MLNet.Papers.Episodes").GetResult());

    [TestMethod]
    public void Public_types_are_where_a_user_looks()
    {
        string[] elsewhere =
        [
            .. Repository.Rooms.SelectMany(room => Repository.Room(room).GetExportedTypes())
                .Where(type => type.Namespace is not ("MLNet.Papers" or "Microsoft.ML"))
                .Select(type => type.FullName!),
        ];
        CollectionAssert.AreEqual(Array.Empty<string>(), elsewhere);
    }

    [TestMethod]
    public void Other_types_are_in_the_namespace_of_their_folder()
    {
        string[] elsewhere =
        [
            .. Repository.Declarations()
                .Where(
                    declaration =>
                        declaration.Namespace is not ("MLNet.Papers" or "Microsoft.ML") && declaration.Namespace != $"MLNet.Papers.{declaration.Folder}")
                .Select(declaration => $"{declaration.Namespace}.{declaration.Type} in {declaration.Folder}"),
        ];
        // The runtime knows this attribute by its name.
        CollectionAssert.AreEqual(new[] { "System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute in Interop" }, elsewhere);
    }

    [TestMethod]
    public void In_the_namespace_of_ML_NET_stand_only_extension_methods()
    {
        foreach (Type type in Repository.Rooms.SelectMany(room => Repository.Room(room).GetExportedTypes())
            .Where(type => !type.IsNested && type.Namespace == "Microsoft.ML"))
        {
            MethodInfo[] methods = type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);
            Assert.IsTrue(type.IsAbstract && type.IsSealed && methods.Length > 0, $"{type} is not a class of extension methods.");
            foreach (MethodInfo method in methods)
                Assert.IsTrue(method.IsDefined(typeof(ExtensionAttribute)) || IsProperty(method), $"{type}.{method.Name} extends nothing.");
        }
    }

    // The compiler declares an extension property in a nested type that is marked, and gives the class its getter.
    private static bool IsProperty(MethodInfo method) => method.DeclaringType!.GetNestedTypes()
        .Any(nested => nested.IsDefined(typeof(ExtensionAttribute)) && nested.GetProperties().Any(property => property.GetMethod?.Name == method.Name));

    [TestMethod]
    public void Estimators_and_transformers_say_on_their_base_what_all_have()
    {
        string[] others =
        [
            .. Repository.Rooms.SelectMany(room => Repository.Room(room).GetExportedTypes())
                .Where(type => type.IsClass && Implements(type, typeof(IEstimator<>)) && !IsBasedOn(type, typeof(TechniqueEstimator<>))
                    || type.IsClass && type.IsAssignableTo(typeof(ITransformer)) && !IsBasedOn(type, typeof(ScoringTransformer)))
                .Select(type => type.FullName!),
        ];
        CollectionAssert.AreEqual(Array.Empty<string>(), others);

        static bool Implements(Type type, Type contract) => type.GetInterfaces().Any(known => Open(known) == contract);

        static bool IsBasedOn(Type? type, Type known) => type is not null && (Open(type) == known || IsBasedOn(type.BaseType, known));

        static Type Open(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
    }

    [TestMethod]
    public void Nothing_is_called_a_place_for_odds_and_ends()
    {
        string[] empty = ["Utils", "Util", "Utilities", "Helpers", "Helper", "Common", "Misc", "Shared"];
        IEnumerable<string> folders = new[] { "src", "samples", "test" }
            .SelectMany(folder => Repository.Files(folder, "*.cs"))
            .SelectMany(file => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!).Split(Path.DirectorySeparatorChar));
        IEnumerable<string> namespaces = Repository.Rooms.Select(Repository.Room).Append(typeof(RoomTests).Assembly)
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => (type.Namespace ?? "").Split('.'));
        CollectionAssert.AreEqual(Array.Empty<string>(), folders.Concat(namespaces).Intersect(empty, StringComparer.OrdinalIgnoreCase).ToArray());
    }

    [TestMethod]
    public void A_type_name_stands_for_one_type()
    {
        string[] twice =
        [
            .. Repository.Declarations().GroupBy(declaration => declaration.Type)
                .Where(group => group.Select(declaration => declaration.Folder).Distinct().Count() > 1)
                .Select(group => group.Key),
        ];
        CollectionAssert.AreEqual(Array.Empty<string>(), twice);
    }

    private static XElement Project(string room) => XElement.Load(Repository.Path("src", room, $"MLNet.Papers.{room}.csproj"));

    private static void AssertHolds(NetArchTest.Rules.TestResult result) =>
        Assert.IsTrue(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
}
