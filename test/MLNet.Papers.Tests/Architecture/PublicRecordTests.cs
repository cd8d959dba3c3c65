using System.Reflection;

namespace MLNet.Papers.Tests.Architecture;

/// <summary>Results that a user prints say what is in them.</summary>
[TestClass]
public sealed class PublicRecordTests
{
    public static IEnumerable<object[]> Records =>
        from type in new[] { typeof(ImageShape), typeof(FewShotMetrics), typeof(CactusTask) }.Select(known => known.Assembly).Distinct()
            .SelectMany(assembly => assembly.GetExportedTypes())
        where type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null
        select new object[] { type };

    [TestMethod, DynamicData(nameof(Records))]
    public void A_record_prints_its_values_and_no_type(Type type)
    {
        string text = Example(type).ToString()!;
        Assert.DoesNotContain("System.", text, text);
        Assert.DoesNotContain("`", text, text);
        Assert.DoesNotContain("<>", text, text);
        Assert.DoesNotContain("ReadOnly", text, text);
    }

    private static object Example(Type type)
    {
        if (type == typeof(string))
            return "word";
        if (type == typeof(ReadOnlyMemory<float>))
            return new ReadOnlyMemory<float>([0.5f, 1]);
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Example(inner);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            Type item = type.GetGenericArguments()[0];
            var list = Array.CreateInstance(item, 2);
            for (int i = 0; i < 2; i++)
                list.SetValue(Example(item), i);
            return list;
        }

        if (type.IsPrimitive || type == typeof(TimeSpan))
            return Activator.CreateInstance(type)!;
        ConstructorInfo made = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;
        return made.Invoke([.. made.GetParameters().Select(parameter => Example(parameter.ParameterType))]);
    }
}
