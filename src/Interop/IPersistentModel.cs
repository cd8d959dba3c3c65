using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.Papers.Interop;

/// <summary>A transformer that can write its state into a model .zip.</summary>
internal interface IPersistentModel : ITransformer
{
    /// <summary>Writes everything that <see cref="IPersistentModel{TSelf}.Read"/> needs.</summary>
    /// <param name="weights">The model's own stream in the .zip; seekable, at position 0.</param>
    void Write(Stream weights);
}

/// <summary>A transformer that can be read back from a model .zip.</summary>
/// <typeparam name="TSelf">The transformer itself.</typeparam>
internal interface IPersistentModel<TSelf> : IPersistentModel
    where TSelf : IPersistentModel<TSelf>
{
    /// <summary>Rebuilds the transformer.</summary>
    /// <param name="environment">The environment it lives in.</param>
    /// <param name="weights">What <see cref="IPersistentModel.Write"/> wrote; seekable, at position 0.</param>
    /// <exception cref="FormatException">The bytes are damaged or not a model of this kind.</exception>
    static abstract TSelf Read(IHostEnvironment environment, Stream weights);
}

/// <summary>Names a transformer that a model .zip may hold; one for each transformer type, on its assembly.</summary>
/// <param name="modelType">The transformer's type.</param>
/// <param name="contractName">The name written into the .zip; it never changes once models exist.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal abstract class LoadableModelAttribute(Type modelType, string contractName) : Attribute
{
    public Type ModelType { get; } = modelType;

    public string ContractName { get; } = contractName;

    public abstract ITransformer Read(IHostEnvironment environment, Stream weights);
}

/// <inheritdoc/>
/// <typeparam name="TModel">The transformer's type.</typeparam>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class LoadableModelAttribute<TModel>(string contractName) : LoadableModelAttribute(typeof(TModel), contractName)
    where TModel : IPersistentModel<TModel>
{
    public override ITransformer Read(IHostEnvironment environment, Stream weights) => TModel.Read(environment, weights);
}
