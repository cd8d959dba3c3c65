using System.Reflection;
using System.Xml.Linq;
using Microsoft.ML.SearchSpace;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Options;

/// <summary>Sweeps by AutoML, for all options of the package. That rows can be fitted with them is a check of the contract.</summary>
[TestClass]
public sealed class SearchRangeTests
{
    public static IEnumerable<object[]> Options =>
        from room in Repository.Rooms
        from type in Repository.Room(room).GetExportedTypes()
        where type.IsSubclassOf(typeof(TechniqueOptions)) && !type.IsAbstract
        select new object[] { type };

    [TestMethod, DynamicData(nameof(Options))]
    public void The_first_trial_has_the_defaults(Type type) => Assert.AreEqual("", string.Join("; ", OtherFirstTrials(type)));

    [TestMethod, DynamicData(nameof(Options))]
    public void Both_ends_of_every_range_go_with_all_other_defaults(Type type) => Assert.AreEqual("", string.Join("; ", RefusedEnds(type)));

    [TestMethod, DynamicData(nameof(Options))]
    public void What_a_search_space_drops_is_said_where_the_option_is_described(Type type)
    {
        string[] silent =
        [
            .. from property in TechniqueOptions.Properties(type)
               where SearchRange.Drops(property) && !Description(property).Contains("SearchSpace", StringComparison.Ordinal)
               select $"{property.DeclaringType!.Name}.{property.Name}",
        ];
        Assert.AreEqual("", string.Join(", ", silent));
    }

    [TestMethod]
    public void Faults_are_found()
    {
        CollectionAssert.AreEqual(new[] { "BatchSize: 31 instead of 32" }, OtherFirstTrials(typeof(Floored)).ToArray());
        CollectionAssert.AreEqual(Array.Empty<string>(), RefusedEnds(typeof(Floored)).ToArray());
        CollectionAssert.AreEqual(Array.Empty<string>(), OtherFirstTrials(typeof(Contradicting)).ToArray());
        Assert.AreEqual(1, RefusedEnds(typeof(Contradicting)).Count(refusal => refusal.StartsWith("Most = 1: ", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> OtherFirstTrials(Type type) =>
        from property in TechniqueOptions.Properties(type)
        let range = property.GetCustomAttribute<RangeAttribute>()
        where range is not null
        let expected = property.GetValue(Activator.CreateInstance(type))
        let first = SearchRange.FirstTrial(range)
        where !SearchRange.IsEqual(expected, first)
        select FormattableString.Invariant($"{property.Name}: {first} instead of {expected}");

    private static IEnumerable<string> RefusedEnds(Type type)
    {
        foreach (PropertyInfo property in TechniqueOptions.Properties(type))
        {
            if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
                continue;
            foreach (object end in new[] { range.Min, range.Max, SearchRange.Trial(range, 0), SearchRange.Trial(range, 1) }.Distinct())
            {
                var options = (TechniqueOptions)Activator.CreateInstance(type)!;
                property.SetValue(options, end);
                string? refusal = null;
                try
                {
                    options.Validate();
                }
                catch (ArgumentException exception)
                {
                    refusal = FormattableString.Invariant($"{property.Name} = {end}: {exception.Message}");
                }

                if (refusal is not null)
                    yield return refusal;
            }
        }
    }

    private static string Description(PropertyInfo property)
    {
        string name = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        XDocument file = XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{property.DeclaringType.Assembly.GetName().Name}.xml"));
        return file.Descendants("member").Single(member => (string?)member.Attribute("name") == name).Value;
    }

    private sealed class Floored : TechniqueOptions
    {
        [AtLeast(1), Range(16, 128, init: 32, logBase: true)]
        public int BatchSize { get; set; } = 32;
    }

    private sealed class Contradicting : TechniqueOptions
    {
        [AtLeast(1), Range(1, 5, init: 5)]
        public int Most { get; set; } = 5;

        private protected override (string Property, string Message)? FindConflict() => Most < 2 ? (nameof(Most), "must be at least 2.") : null;
    }
}
