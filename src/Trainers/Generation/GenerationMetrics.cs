namespace MLNet.Papers;

/// <summary>How like real rows generated ones are, and how various.</summary>
/// <remarks>
/// Precision and recall: Kynkäänniemi, Karras, Laine, Lehtinen and Aila, "Improved Precision and Recall Metric for Assessing Generative Models", NeurIPS 2019,
/// arXiv:1904.06991. Density and coverage: Naeem, Oh, Uh, Choi and Yoo, "Reliable Fidelity and Diversity Metrics for Generative Models", ICML 2020,
/// arXiv:2002.09797. Fréchet distance: Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter, "GANs Trained by a Two Time-Scale Update Rule Converge to a Local
/// Nash Equilibrium", NIPS 2017, arXiv:1706.08500. Two samples: Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017, arXiv:1610.06545.
/// Memorization: Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative Models", AISTATS 2020, arXiv:2004.05675.
/// </remarks>
/// <param name="Precision">The share of generated rows that are as near to a real row as its k-th neighbour among the real ones: from 0 to 1.</param>
/// <param name="Recall">The share of real rows that are as near to a generated row as its k-th neighbour among the generated ones: from 0 to 1.</param>
/// <param name="Density">How many real rows a generated one is so near to, on average, divided by k: about 1 for rows of the same kind, more where real rows
/// are dense.</param>
/// <param name="Coverage">The share of real rows to which a generated one is as near as their k-th neighbour among the real ones: from 0 to 1.</param>
/// <param name="FrechetDistance">The squared Fréchet distance of normal distributions with the means and covariances of both: at least 0, in squared units of
/// the column. It is the greater the fewer rows there are: compare only figures of as many rows.</param>
/// <param name="TwoSampleAccuracy">The share of rows whose nearest neighbour among the others is of their own kind, real or generated: 0.5 where nothing tells
/// them apart, 1 where all does, 0 where generated rows are copies. Of as many rows of each kind as there are of the rarer one.</param>
/// <param name="Memorization">How probably a generated row is nearer to a row that was learned from than a real row that was not: 0.5 where nothing is copied,
/// 1 where all is. Null without training rows.</param>
/// <param name="RealCount">How many real rows there were.</param>
/// <param name="GeneratedCount">How many generated ones.</param>
public sealed record GenerationMetrics(
    double Precision, double Recall, double Density, double Coverage, double FrechetDistance, double TwoSampleAccuracy, double? Memorization, int RealCount,
    int GeneratedCount);
