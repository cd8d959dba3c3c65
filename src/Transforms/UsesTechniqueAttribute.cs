namespace MLNet.Papers;

/// <summary>
/// Says that a technique is built on another, because its paper is. Techniques that do not say so know nothing of each other; a test holds both.
/// </summary>
/// <param name="technique">The technique that uses another: the name of its folders.</param>
/// <param name="used">The technique that is used: the name of its folders.</param>
/// <param name="reason">Where the paper says so, and what is used.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class UsesTechniqueAttribute(string technique, string used, string reason) : Attribute
{
    public string Technique { get; } = technique;

    public string Used { get; } = used;

    public string Reason { get; } = reason;
}
