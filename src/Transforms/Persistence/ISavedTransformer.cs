using System.Reflection;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Persistence;

/// <summary>A transformer that is made of a <see cref="IModelRecord"/>, which its constructor takes behind the environment.</summary>
/// <typeparam name="TSelf">The transformer itself.</typeparam>
internal interface ISavedTransformer<TSelf> : IPersistentModel<TSelf>
    where TSelf : ScoringTransformer, ISavedTransformer<TSelf>
{
    static TSelf IPersistentModel<TSelf>.Read(IHostEnvironment environment, Stream weights)
    {
        ConstructorInfo constructor = typeof(TSelf).GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic)
            .Single(candidate => candidate.GetParameters() is [_, { ParameterType: var second }, ..] && second.IsAssignableTo(typeof(IModelRecord)));
        ParameterInfo[] parameters = constructor.GetParameters();
        object state = ModelState.Read(weights, parameters[1].ParameterType);
        // What a fit says besides, as a report, has a default.
        object?[] arguments = [environment, state, .. parameters[2..].Select(parameter => parameter.DefaultValue)];
        return (TSelf)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
