using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Interop;

/// <summary>A transformer that reads one column of vectors.</summary>
internal interface IFeatureReader
{
    /// <summary>The name of the column.</summary>
    string FeatureColumnName { get; }

    /// <summary>The type of the column.</summary>
    DataViewType FeatureColumnType { get; }
}

/// <summary>A transformer that predicts from one column, as ML.NET's explanations of models look for it.</summary>
/// <typeparam name="TSelf">The transformer itself, which is its own model.</typeparam>
/// <remarks>
/// They look for an interface that only Interop may implement, and a transformer has its base elsewhere: it answers when it is asked for that interface, which
/// <see cref="IFeatureColumn"/> then is.
/// </remarks>
internal interface IPredictionModel<TSelf> : IFeatureReader, ISingleFeaturePredictionTransformer<TSelf>, IDynamicInterfaceCastable
    where TSelf : class, IPredictionModel<TSelf>
{
    TSelf IPredictionTransformer<TSelf>.Model => (TSelf)this;

    string ISingleFeaturePredictionTransformer<TSelf>.FeatureColumnName => ((IFeatureReader)this).FeatureColumnName;

    DataViewType ISingleFeaturePredictionTransformer<TSelf>.FeatureColumnType => ((IFeatureReader)this).FeatureColumnType;

    bool IDynamicInterfaceCastable.IsInterfaceImplemented(RuntimeTypeHandle interfaceType, bool throwIfNotImplemented) =>
        interfaceType.Equals(typeof(ISingleFeaturePredictionTransformer).TypeHandle);

    RuntimeTypeHandle IDynamicInterfaceCastable.GetInterfaceImplementation(RuntimeTypeHandle interfaceType) => typeof(IFeatureColumn).TypeHandle;
}

/// <summary>ML.NET's internal interface of a transformer that predicts from one column.</summary>
[DynamicInterfaceCastableImplementation]
[SuppressMessage("Usage", "CA2256", Justification = "What the interface inherits is a transformer's, which the object is without being asked.")]
internal interface IFeatureColumn : ISingleFeaturePredictionTransformer
{
    string ISingleFeaturePredictionTransformer.FeatureColumnName => ((IFeatureReader)this).FeatureColumnName;
}
