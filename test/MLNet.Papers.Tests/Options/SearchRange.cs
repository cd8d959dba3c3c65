using System.Globalization;
using System.Reflection;
using Microsoft.ML.SearchSpace;

namespace MLNet.Papers.Tests.Options;

/// <summary>
/// What AutoML's trials make of a range, by the arithmetic of its search space, which the tests do without: places from 0 to 1, and integers cut off.
/// </summary>
internal static class SearchRange
{
    /// <summary>What the first trial gets: the start, after it has gone to its place and back.</summary>
    public static object FirstTrial(RangeAttribute range)
    {
        (double least, double most, double start) = (Number(range.Min), Number(range.Max), Number(range.Init!));
        double place = range.LogBase
            ? (Math.Log(start) / (Math.Log(most) - Math.Log(least))) - (Math.Log(least) / (Math.Log(most) - Math.Log(least)))
            : (start / (most - least)) - (least / (most - least));
        return Trial(range, place);
    }

    /// <summary>What a trial at a place gets.</summary>
    public static object Trial(RangeAttribute range, double place)
    {
        (double least, double most) = (Number(range.Min), Number(range.Max));
        double value = range.LogBase ? least * Math.Pow(most / least, place) : least + ((most - least) * place);
        return range.Min is int ? Convert.ToInt32(Math.Floor(value)) : Convert.ChangeType(value, range.Min.GetType(), CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a trial's value is the default: numbers with a fraction but for their last digits.</summary>
    public static bool IsEqual(object? expected, object actual) => expected is double or float
        ? Math.Abs(Number(expected) - Number(actual)) <= 1e-6 * Math.Abs(Number(expected))
        : Equals(expected, actual);

    /// <summary>
    /// What the search space of options made by hand loses: values that are neither numbers, texts, members of an enumeration nor arrays of them.
    /// </summary>
    public static bool Drops(PropertyInfo property)
    {
        Type type = property.PropertyType.GetElementType() ?? property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return !(type.IsPrimitive || type.IsEnum || type == typeof(string));
    }

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
