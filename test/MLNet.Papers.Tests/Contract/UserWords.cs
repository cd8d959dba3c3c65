using System.Text.RegularExpressions;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Whether a message speaks of what a user knows: columns, options and arguments, and not of types and parameters inside the package.</summary>
internal static partial class UserWords
{
    private static readonly Lazy<HashSet<string>> Arguments = new(() =>
    [
        .. from assembly in EstimatorCases.EstimatorTypes.Select(type => type.Assembly).Append(typeof(ImageShape).Assembly).Distinct()
           from type in assembly.GetExportedTypes()
           from name in type.GetMethods().SelectMany(method => method.GetParameters()).Select(parameter => parameter.Name!)
               .Concat(type.GetProperties().Select(property => property.Name))
           select name,
    ]);

    /// <summary>What is wrong with the message of an exception, or null.</summary>
    public static string? FindFault(Exception exception)
    {
        string message = exception.Message;
        if (message.Length == 0)
            return "its message is empty";
        if (CompilersName().Match(message) is { Success: true } type)
            return $"it names the type '{type.Value}'";
        if (DoubledMark().Match(message) is { Success: true } mark)
            return $"it has '{mark.Value}'";
        return exception is ArgumentException { ParamName: { } name } && !Arguments.Value.Contains(name)
            && !message.Contains($".{name} ", StringComparison.Ordinal)
            && message.Contains($"(Parameter '{name}')", StringComparison.Ordinal)
            ? $"it names the parameter '{name}', which no user gives"
            : null;
    }

    [GeneratedRegex(@"System\.\w+|MLNet\.Papers\.\w+|Microsoft\.ML\.\w+|[A-Z]\w*`\d|<>\w+|\w+\+\w+")]
    private static partial Regex CompilersName();

    [GeneratedRegex(@",,|;;|\.\.(?!\.)|\s{2}|: :|\(\)")]
    private static partial Regex DoubledMark();
}
