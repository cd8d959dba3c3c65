namespace MLNet.Papers.Tests.Contract;

/// <summary>Stands for the options of an estimator that has none, because there is nothing to learn.</summary>
internal sealed class NoOptions : TechniqueOptions;
