using Microsoft.ML.SearchSpace;
using MLNet.Papers.Bert;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>How a BERT and one new layer over it are trained for a task: the options that all of its tasks share.</summary>
/// <remarks>
/// Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805,
/// appendix A.3: 2 to 4 epochs, 16 or 32 texts a step, step sizes of 2e-5 to 5e-5; published small encoders (Turc et al. 2019, arXiv:1908.08962) were
/// fine-tuned with 3e-5 to 3e-4. Adam without bias correction, a decay of the matrices that goes past the gradients' means, a warm-up and a linear decay of the
/// step size.
/// </remarks>
public abstract class BertFineTuningOptions : TrainingOptions
{
    private protected BertFineTuningOptions()
    {
        MaxGradientNorm = 1;
        ValidationInterval = 50;
    }

    /// <summary>How often training goes through all rows. With few labels more epochs help. At least 1.</summary>
    [AtLeast(1), Range(2, 30, init: 3, logBase: true)]
    public int Epochs { get; set; } = 3;

    /// <summary>Rows of a step; those of about one length are put together, so that little is padded. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096), Range(8, 64, init: 32, logBase: true)]
    public int BatchSize { get; set; } = 32;

    /// <summary>The step size after the warm-up. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-5, 1e-3, init: 5e-5, logBase: true)]
    public double LearningRate { get; set; } = 5e-5;

    /// <summary>The part of the training in which the step size rises from 0; then it falls along a line to 0. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double WarmUp { get; set; } = 0.1;

    /// <summary>What part of each matrix is taken from it at a step, times the step size. From 0 to 1.</summary>
    [Between(0, 1)]
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>
    /// Whether Adam's means are divided by what they lack in the first steps. The published training leaves that out; with it training is steadier where there
    /// are few steps (Zhang et al., "Revisiting Few-sample BERT Fine-tuning", ICLR 2021, arXiv:2006.05987).
    /// </summary>
    [AnyValue]
    public bool CorrectsBias { get; set; }

    /// <summary>The part of the values of a layer, and of what the new layer reads, that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9), Range(0.0, 0.3, init: 0.1)]
    public double Dropout { get; set; } = 0.1;

    /// <summary>
    /// Blocks of the encoder, from the lowest on, that stay as they are, with the tables of pieces, places and segments; 0 trains everything. Training is the
    /// faster, and takes the less memory, the more are frozen. At least 0; at most as many as the encoder has. Where all are frozen the new layer alone is
    /// trained, but for a pooler: <c>ApplyBert</c> with <c>AppendCacheCheckpoint</c> before a linear trainer then runs the encoder once for each text, not in
    /// every epoch.
    /// </summary>
    [AtLeast(0)]
    public int FrozenLayers { get; set; }

    /// <summary>
    /// What the step size is multiplied by from each block to the one below it, and from the lowest to the tables: lower layers, which know what all texts have
    /// in common, move less (Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL 2018, arXiv:1801.06146, section 3.2). 1
    /// moves all alike, as published for BERT. From 0.1 to 1.
    /// </summary>
    [Between(0.1, 1), Range(0.6, 1.0, init: 1.0)]
    public double LayerDecay { get; set; } = 1;

    /// <summary>
    /// The most pieces of a row, the marks counted; a longer one is cut, which the log says. Null for the encoder's own limit. From 8 to 65536; at most
    /// as many as the encoder has positions.
    /// </summary>
    [TakesMemory, Between(8, 65536)]
    public int? MaxLength { get; set; }

    /// <summary>
    /// The part of the rows, drawn at random, that is not trained on but validated on, if <see cref="TrainingOptions.Validation"/> is null. From 0 (none) to
    /// 0.9.
    /// </summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; }

    /// <summary>The encoder that is trained, with the limit of these options.</summary>
    /// <exception cref="ArgumentNullException">There is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option asks for more than it has.</exception>
    internal virtual BertModel Start(BertTransformer bert)
    {
        ArgumentNullException.ThrowIfNull(bert);
        BertModel model = bert.Model;
        RequireAtMost(nameof(FrozenLayers), FrozenLayers, model.Architecture.Layers, "the blocks of the encoder");
        RequireAtMost(nameof(MaxLength), MaxLength ?? 0, model.Architecture.Positions, "the positions of the encoder");
        return model with { MaxLength = MaxLength ?? model.MaxLength };
    }

    /// <summary>How weights move.</summary>
    internal OptimizerSettings OptimizerSettings => BertOptimization.Settings(WeightDecay) with { CorrectsBias = CorrectsBias };

    /// <summary>How far in a training of so many steps: a warm-up that would be less than one step is none.</summary>
    internal LearningRates RatesOf(long steps) => BertOptimization.Rates(LearningRate, TimeLimit is null && steps * WarmUp < 1 ? 0 : WarmUp);

    private void RequireAtMost(string option, int value, int most, string what)
    {
        if (value > most)
        {
            throw new ArgumentOutOfRangeException(
                option, FormattableString.Invariant($"{GetType().Name}.{option} must be at most {most}, {what}, but was {value}."));
        }
    }
}
