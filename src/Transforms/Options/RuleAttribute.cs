using System.Collections;
using System.Globalization;

namespace MLNet.Papers;

/// <summary>What a value of an option must satisfy. Every option carries a rule; one shared check enforces them all.</summary>
/// <remarks>Null is allowed wherever the property's type allows it. A rule on a collection speaks of each of its elements.</remarks>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class RuleAttribute : Attribute
{
    /// <summary>The rule in words, to stand after "must be".</summary>
    public abstract string Requirement { get; }

    /// <summary>Values that break the rule, for the test that derives bad options.</summary>
    public abstract IEnumerable<object> BrokenBy(Type type);

    /// <summary>The first value that breaks the rule, or null.</summary>
    public object? FindViolation(object? value) => value switch
    {
        null => null,
        string text => Allows(text) ? null : text,
        IEnumerable elements => elements.Cast<object>().FirstOrDefault(element => !Allows(element)),
        _ => Allows(value) ? null : value,
    };

    private protected abstract bool Allows(object value);

    private protected static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}

/// <summary>A number between two bounds. NaN breaks the rule.</summary>
internal abstract class NumberRuleAttribute : RuleAttribute
{
    private protected abstract bool Allows(double value);

    private protected abstract IEnumerable<double> BrokenNumbers { get; }

    /// <summary>The largest number that is allowed, as far as the type holds it.</summary>
    private protected virtual double Largest => double.MaxValue;

    /// <summary>The largest value that keeps the rule, for the test that tries it.</summary>
    public object LargestOf(Type type)
    {
        Type number = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        double most = number == typeof(int) ? int.MaxValue : number == typeof(float) ? float.MaxValue : double.MaxValue;
        return Convert.ChangeType(Math.Min(Largest, most), number, CultureInfo.InvariantCulture);
    }

    private protected sealed override bool Allows(object value) => Allows(Convert.ToDouble(value, CultureInfo.InvariantCulture));

    public sealed override IEnumerable<object> BrokenBy(Type type)
    {
        Type number = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        bool isFloating = number == typeof(float) || number == typeof(double);
        IEnumerable<double> broken = isFloating ? BrokenNumbers.Append(double.NaN) : BrokenNumbers.Select(Math.Floor);
        return broken.Where(value => !Allows(value)).Select(value => Convert.ChangeType(value, number, CultureInfo.InvariantCulture));
    }
}

/// <summary>A number not below <paramref name="minimum"/>.</summary>
internal sealed class AtLeastAttribute(double minimum) : NumberRuleAttribute
{
    public override string Requirement => $"at least {Text(minimum)}";

    private protected override IEnumerable<double> BrokenNumbers => [minimum - 1];

    private protected override bool Allows(double value) => value >= minimum && !double.IsInfinity(value);
}

/// <summary>A number above <paramref name="minimum"/>.</summary>
internal sealed class GreaterThanAttribute(double minimum) : NumberRuleAttribute
{
    public override string Requirement => $"greater than {Text(minimum)}";

    private protected override IEnumerable<double> BrokenNumbers => [minimum, minimum - 1];

    private protected override bool Allows(double value) => value > minimum && !double.IsInfinity(value);
}

/// <summary>A number from <paramref name="minimum"/> to <paramref name="maximum"/>, both allowed.</summary>
internal sealed class BetweenAttribute(double minimum, double maximum) : NumberRuleAttribute
{
    public override string Requirement => $"from {Text(minimum)} to {Text(maximum)}";

    private protected override IEnumerable<double> BrokenNumbers => [minimum - 1, maximum + 1];

    private protected override double Largest => maximum;

    private protected override bool Allows(double value) => value >= minimum && value <= maximum;
}

/// <summary>A member of an enumeration.</summary>
internal sealed class DefinedAttribute : RuleAttribute
{
    public override string Requirement => "one of the enumeration's values";

    public override IEnumerable<object> BrokenBy(Type type) => [Enum.ToObject(Nullable.GetUnderlyingType(type) ?? type, 12345)];

    private protected override bool Allows(object value) => Enum.IsDefined(value.GetType(), value);
}

/// <summary>A text with at least one character that is not white space.</summary>
internal sealed class NotBlankAttribute : RuleAttribute
{
    public override string Requirement => "null or a text that is not blank";

    public override IEnumerable<object> BrokenBy(Type type) => ["", " "];

    private protected override bool Allows(object value) => !string.IsNullOrWhiteSpace((string)value);
}

/// <summary>Any value of the type, said so that no option is without a rule.</summary>
internal sealed class AnyValueAttribute : RuleAttribute
{
    public override string Requirement => "any value";

    public override IEnumerable<object> BrokenBy(Type type) => [];

    private protected override bool Allows(object value) => true;
}
