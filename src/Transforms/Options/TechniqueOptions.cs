using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers;

/// <summary>What the options of all techniques have in common.</summary>
/// <remarks>A trainer or estimator copies its options when it is made: changing them afterwards changes nothing.</remarks>
public abstract class TechniqueOptions
{
    private protected TechniqueOptions()
    {
    }

    /// <summary>Seed of everything random; null takes the seed of the <c>MLContext</c>, and a fresh one where that has none.</summary>
    [AnyValue]
    public int? Seed { get; set; }

    /// <summary>The seed of a fit: this one, else the context's, else any.</summary>
    internal virtual int SeedOf(IHostEnvironment environment) => Seed ?? Host.Seed(environment) ?? Random.Shared.Next();

    /// <summary>Rows to validate on, for techniques that do; null for none.</summary>
    internal virtual IDataView? RowsToValidateOn => null;

    /// <summary>A copy that is independent of this object, its arrays included.</summary>
    internal TechniqueOptions Copy()
    {
        var copy = (TechniqueOptions)MemberwiseClone();
        foreach (PropertyInfo property in Properties(GetType()).Where(property => property.PropertyType.IsArray))
            property.SetValue(copy, ((Array?)property.GetValue(this))?.Clone());
        return copy;
    }

    /// <summary>Those of other options that these have too, under the same names.</summary>
    internal TOptions Part<TOptions>()
        where TOptions : TechniqueOptions, new()
    {
        TechniqueOptions copy = Copy();
        var part = new TOptions();
        foreach (PropertyInfo property in Properties(typeof(TOptions)))
            property.SetValue(part, GetType().GetProperty(property.Name)!.GetValue(copy));
        return part;
    }

    /// <summary>Checks every option against its rule, then the rules across options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule; the message names the option, the rule and the value.</exception>
    internal void Validate()
    {
        foreach (PropertyInfo property in Properties(GetType()))
        {
            RuleAttribute? rule = property.GetCustomAttribute<RuleAttribute>();
            object? value = property.GetValue(this);
            if (value is null && !AllowsNull(property))
                throw new ArgumentNullException(property.Name, $"{GetType().Name}.{property.Name} must not be null.");
            if (rule?.FindViolation(value) is { } violation)
            {
                throw Violation(property.Name, $"must be {rule.Requirement}, but was " +
                    $"{(violation is string text ? $"'{text}'" : Convert.ToString(violation, CultureInfo.InvariantCulture))}.");
            }
        }

        if (FindConflict() is { } conflict)
            throw Violation(conflict.Property, conflict.Message);
    }

    /// <summary>The first option that contradicts another, with what to say after its name; null when all agree.</summary>
    private protected virtual (string Property, string Message)? FindConflict() => null;

    /// <summary>The options that a training's memory grows with, each with its value.</summary>
    internal string DescribeSize()
    {
        return string.Join(", ",
            Properties(GetType()).Where(property => property.IsDefined(typeof(TakesMemoryAttribute)) && property.GetValue(this) is not null)
            .Select(property => $"{property.Name} = {Text(property.GetValue(this)!)}"));

        static string Text(object value) =>
            value is int[] numbers
                ? $"[{string.Join(", ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)))}]"
                : Convert.ToString(value, CultureInfo.InvariantCulture)!;
    }

    internal static IEnumerable<PropertyInfo> Properties(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead && property.CanWrite);

    private static bool AllowsNull(PropertyInfo property) =>
        new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;

    private ArgumentOutOfRangeException Violation(string property, string message) => new(property, $"{GetType().Name}.{property} {message}");
}
