using System.Reflection;
using NetArchTest.Rules;

namespace MLNet.Papers.Tests.Architecture;

/// <summary>Which folder knows which technique: none but itself, and those that declare it beside their code with a reason.</summary>
[TestClass]
public sealed class DependencyTests
{
    // For each technique the types outside its folders that use it.
    private static readonly Lazy<Dictionary<string, Declaration[]>> Users = new(() => Repository.Techniques.ToDictionary(technique => technique, UsersOf));

    private static UsesTechniqueAttribute[] Declared { get; } =
        [.. Repository.Rooms.SelectMany(room => Repository.Room(room).GetCustomAttributes<UsesTechniqueAttribute>())];

    [TestMethod]
    public void Techniques_use_each_other_where_they_say_so() =>
        CollectionAssert.AreEqual(Array.Empty<string>(), Faults(Declared), string.Join("; ", Faults(Declared)));

    [TestMethod]
    public void A_use_that_is_not_declared_is_seen() =>
        CollectionAssert.AreEqual(new[] { "CoVe uses FastText and does not say so" }, Faults(Declared.Where(declaration => declaration.Technique != "CoVe")));

    [TestMethod]
    public void A_declaration_that_is_not_true_is_seen() => CollectionAssert.AreEqual(
        new[] { "Elmo says that it uses FastText, but does not", "Scoring says that it uses Utils, but does not" },
        Faults([.. Declared, new("Elmo", "FastText", "none"), new("Scoring", "Utils", "none")]));

    [TestMethod]
    public void A_declaration_stands_in_the_folder_that_it_speaks_of_and_has_a_reason()
    {
        foreach (UsesTechniqueAttribute declaration in Declared)
        {
            string start = $"[assembly: UsesTechnique(\"{declaration.Technique}\", \"{declaration.Used}\"";
            string[] files = [.. Repository.Files("src", "*.cs").Where(file => File.ReadAllText(file).Contains(start, StringComparison.Ordinal))];
            Assert.HasCount(1, files, start);
            Assert.AreEqual(declaration.Technique, Path.GetFileName(Path.GetDirectoryName(files[0])));
            Assert.IsGreaterThan(20, declaration.Reason.Length, start);
        }
    }

    [TestMethod]
    public void What_is_shared_does_not_know_a_technique()
    {
        string[] shared = [.. Repository.Declarations().Select(declaration => declaration.Folder).Distinct().Except(Repository.Techniques)];
        CollectionAssert.IsSubsetOf(new[] { "Interop", "Scoring", "Persistence", "Training", "Networks", "FewShot", "Episodes" }, shared);
        string[] knowing =
        [
            .. from technique in Repository.Techniques
               from user in Users.Value[technique]
               where shared.Contains(user.Folder)
               select $"{user.Type} uses {technique}",
        ];
        CollectionAssert.AreEqual(Array.Empty<string>(), knowing, string.Join("; ", knowing));
    }

    [TestMethod]
    public void Users_are_seen_in_all_rooms_and_inside_methods()
    {
        string[] users = [.. Users.Value["Maml"].Select(user => user.Type)];
        CollectionAssert.IsSubsetOf(new[] { nameof(CactusTransformer), nameof(CactusEstimator), nameof(CactusOptions) }, users);
        CollectionAssert.DoesNotContain(users, nameof(MamlTrainer));
    }

    private static string[] Faults(IEnumerable<UsesTechniqueAttribute> declarations)
    {
        (string Technique, string Used)[] declared = [.. declarations.Select(declaration => (declaration.Technique, declaration.Used))];
        (string Technique, string Used)[] real =
        [
            .. from used in Repository.Techniques
               from technique in Users.Value[used].Select(user => user.Folder).Distinct()
               where Repository.Techniques.Contains(technique)
               select (technique, used),
        ];
        return
        [
            .. real.Except(declared).Select(pair => $"{pair.Technique} uses {pair.Used} and does not say so")
                .Concat(declared.Except(real).Select(pair => $"{pair.Technique} says that it uses {pair.Used}, but does not"))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static Declaration[] UsersOf(string technique)
    {
        IReadOnlyList<Type> own = Repository.TypesIn(technique);
        string[] names = [.. own.Select(type => type.FullName!)];
        return
        [
            .. Repository.Rooms.SelectMany(room => Types.InAssembly(Repository.Room(room)).That().HaveDependencyOnAny(names).GetTypes())
                .Except(own)
                .Select(Repository.DeclarationOf)
                .Distinct(),
        ];
    }
}
