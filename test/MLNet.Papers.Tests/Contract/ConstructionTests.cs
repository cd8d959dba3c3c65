using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Tests.Contract.Broken;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What all estimators do alike when they are made.</summary>
[TestClass]
public sealed class ConstructionTests
{
    public static IEnumerable<object[]> Names =>
        from estimator in EstimatorCases.EstimatorTypes
        from parameter in Constructor(estimator).GetParameters()
        where parameter.ParameterType == typeof(string)
        select new object[] { estimator, parameter.Name! };

    public static IEnumerable<object[]> Estimators => EstimatorCases.EstimatorTypes.Select(estimator => new object[] { estimator });

    [TestMethod, DynamicData(nameof(Names))]
    public void A_blank_name_is_refused_by_the_name_of_the_argument(Type estimator, string argument)
    {
        ParameterInfo named = Constructor(estimator).GetParameters().Single(parameter => parameter.Name == argument);
        bool mayBeNull = new NullabilityInfoContext().Create(named).WriteState == NullabilityState.Nullable;
        foreach (string? name in mayBeNull ? new string?[] { "", " " } : [null, "", " "])
        {
            var error = Assert.Throws<ArgumentException>(() => Make(estimator, parameter => parameter.Name == argument ? name : Value(parameter)));
            Assert.AreEqual(argument, error.ParamName);
            Assert.AreEqual(name is null, error is ArgumentNullException, error.Message);
        }
    }

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Every_argument_that_must_not_be_null_refuses_null(Type estimator)
    {
        foreach (ParameterInfo needed in Constructor(estimator).GetParameters())
        {
            Type type = needed.ParameterType;
            if (type.IsValueType || type == typeof(IHostEnvironment) || new NullabilityInfoContext().Create(needed).WriteState != NullabilityState.NotNull)
                continue;
            var error = Assert.ThrowsExactly<ArgumentNullException>(() => Make(estimator, parameter => parameter == needed ? null : Value(parameter)));
            Assert.AreEqual(needed.Name, error.ParamName);
        }
    }

    private static void Make(Type estimator, Func<ParameterInfo, object?> value)
    {
        ConstructorInfo constructor = Constructor(estimator);
        constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. constructor.GetParameters().Select(value)], null);
    }

    private static ConstructorInfo Constructor(Type estimator) => estimator.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic).Single();

    // A model that nobody asks anything: names are looked at before.
    private static object? Value(ParameterInfo parameter) => parameter.ParameterType switch
    {
        Type type when type == typeof(IHostEnvironment) => Host.EnvironmentOf(new MLContext().Transforms),
        Type type when type == typeof(string) => parameter.Name,
        Type type when type == typeof(int) => 1,
        Type type when type == typeof(bool) => false,
        Type type when type.IsAssignableTo(typeof(TechniqueOptions)) => null,
        Type type when type == typeof(ITransformer) => RuntimeHelpers.GetUninitializedObject(typeof(StubTransformer)),
        Type type => RuntimeHelpers.GetUninitializedObject(type),
    };
}
