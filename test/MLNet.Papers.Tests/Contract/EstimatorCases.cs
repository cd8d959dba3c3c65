using System.Reflection;
using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Finds every estimator of the package and the case of each.</summary>
internal static class EstimatorCases
{
    private static readonly string[] Rooms = ["MLNet.Papers.Interop", "MLNet.Papers.Transforms", "MLNet.Papers.Trainers", "MLNet.Papers.Estimators"];

    /// <summary>The public estimators of all rooms.</summary>
    public static IReadOnlyList<Type> EstimatorTypes { get; } =
    [
        .. Rooms.SelectMany(room => Assembly.Load(room).GetExportedTypes())
            .Where(type => type.IsClass && !type.IsAbstract && IsEstimator(type))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    /// <summary>The cases in this assembly.</summary>
    public static IReadOnlyList<IEstimatorCase> All { get; } =
    [
        .. typeof(EstimatorCases).Assembly.GetTypes()
            .Where(type => type.IsClass && !type.IsAbstract && type.GetInterfaces().Any(IsCase))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (IEstimatorCase)Activator.CreateInstance(type, nonPublic: true)!),
    ];

    /// <summary>The case of an estimator; fails, naming what to write, when there is none.</summary>
    public static IEstimatorCase Of(Type estimator)
    {
        IEstimatorCase[] cases = [.. All.Where(candidate => candidate.EstimatorType == estimator)];
        string requirement = $"{estimator.FullName} must have exactly one class that implements IEstimatorCase<{estimator.Name}>";
        Assert.HasCount(1, cases, $"{requirement} in {typeof(EstimatorCases).Assembly.GetName().Name}, but has {cases.Length}.");
        return cases[0];
    }

    /// <summary>The case of an estimator and a variant.</summary>
    public static IEstimatorCase Of(Type estimator, string variant) => Of(estimator).Variants.Single(candidate => candidate.Variant == variant);

    /// <summary>Every estimator with every variant. An estimator without a case is among them, so that its tests fail.</summary>
    public static IEnumerable<(Type Estimator, string Variant)> Subjects() =>
        from type in EstimatorTypes
        from variant in All.Where(candidate => candidate.EstimatorType == type)
            .SelectMany(found => found.Variants)
            .Select(found => found.Variant)
            .DefaultIfEmpty("")
        select (type, variant);

    private static bool IsEstimator(Type type) =>
        type.GetInterfaces().Any(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IEstimator<>));

    private static bool IsCase(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEstimatorCase<>);
}
