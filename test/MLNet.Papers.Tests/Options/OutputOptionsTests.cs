using System.Reflection;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Options;

/// <summary>
/// An estimator's options have those of its transformer's outputs beside its own, so that all are found in one place: they must be the same ones.
/// </summary>
[TestClass]
public sealed class OutputOptionsTests
{
    public static IEnumerable<object[]> Pairs =>
        from options in new[] { "Trainers", "Estimators" }.SelectMany(room => Repository.Room(room).GetTypes())
        where options.IsSubclassOf(typeof(TechniqueOptions)) && !options.IsAbstract
        let outputs = options.GetMethod("Outputs", BindingFlags.Instance | BindingFlags.NonPublic)
        where outputs is not null
        select new object[] { options, outputs };

    [TestMethod]
    public void There_are_some() => Assert.HasCount(4, Pairs.ToArray());

    [TestMethod, DynamicData(nameof(Pairs))]
    public void They_are_declared_alike_and_go_on_to_the_transformer(Type options, MethodInfo outputs)
    {
        object defaults = Activator.CreateInstance(options)!, outputDefaults = Activator.CreateInstance(outputs.ReturnType)!;
        foreach (PropertyInfo output in TechniqueOptions.Properties(outputs.ReturnType))
        {
            PropertyInfo? own = options.GetProperty(output.Name);
            Assert.IsNotNull(own, $"{options.Name} has no {output.Name}.");
            Assert.AreEqual(output.PropertyType, own.PropertyType, output.Name);
            Assert.AreEqual(output.GetValue(outputDefaults), own.GetValue(defaults), output.Name);
            // Rules and ranges, with their bounds.
            CollectionAssert.AreEqual(Attributes(output), Attributes(own), output.Name);
            object set = Activator.CreateInstance(options)!;
            own.SetValue(set, Other(own.PropertyType, own.GetValue(set)));
            object? given = output.GetValue(outputs.Invoke(set, null));
            if (given is float[] values)
                CollectionAssert.AreEqual((float[])own.GetValue(set)!, values);
            else
                Assert.AreEqual(own.GetValue(set), given, output.Name);
        }
    }

    private static string[] Attributes(PropertyInfo property) =>
        [.. property.CustomAttributes.Select(attribute => attribute.ToString()).Where(text => !text.Contains("Nullable", StringComparison.Ordinal)).Order()];

    private static object Other(Type type, object? value) => value switch
    {
        bool flag => !flag,
        int number => number + 1,
        double number => number + 0.5,
        Enum => Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value)),
        _ when Nullable.GetUnderlyingType(type) is { } own => Other(own, Activator.CreateInstance(own)),
        _ => type == typeof(string) ? "Other" : new[] { 0.25f, 0.5f },
    };
}
