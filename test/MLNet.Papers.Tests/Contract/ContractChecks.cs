using System.Reflection;

namespace MLNet.Papers.Tests.Contract;

/// <summary>A check of the contract.</summary>
/// <param name="Name">What it says, in one sentence.</param>
/// <param name="Point">Its number in the contract.</param>
/// <param name="Run">Throws if the estimator breaks it.</param>
internal sealed record ContractCheck(string Name, int Point, Action<Workout> Run);

/// <summary>All checks, found by their <see cref="PointAttribute"/>, in the order of the contract.</summary>
internal static class ContractChecks
{
    public static IReadOnlyList<ContractCheck> All { get; } =
    [
        .. from type in typeof(ContractChecks).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
           let point = method.GetCustomAttribute<PointAttribute>()
           where point is not null
           orderby point.Number, method.Name
           select new ContractCheck(method.Name, point.Number, method.CreateDelegate<Action<Workout>>()),
    ];
}
