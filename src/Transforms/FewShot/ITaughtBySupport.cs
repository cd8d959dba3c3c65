using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.Papers.FewShot;

/// <summary>A transformer that a support set makes a classifier of other classes.</summary>
internal interface ITaughtBySupport
{
    /// <summary>Where it lives.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The column that names the classes, where the user says no other.</summary>
    string DefaultLabelColumnName { get; }

    /// <summary>The classifier.</summary>
    /// <param name="support">The support set.</param>
    /// <param name="labelColumnName">The column that names the classes.</param>
    FewShotTransformer Teach(IDataView support, string labelColumnName);
}
