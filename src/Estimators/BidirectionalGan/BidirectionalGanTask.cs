using MLNet.Papers.Adversarial;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.BidirectionalGan;

/// <summary>
/// Section 3: a discriminator of rows and their codes against encoder and generator, both of which move at once along gradients at the same weights.
/// </summary>
internal sealed class BidirectionalGanTask : AdversarialTask
{
    // What section 4.1 gives the latent regressor's loss in the generator's.
    private const double RegressorShare = 0.25;

    private readonly BidirectionalGanLearningOptions _options;
    private readonly DiscriminatorArchitecture _discriminator;
    private readonly Player _judge;
    private readonly Player _makers;

    public BidirectionalGanTask(
        BidirectionalGanLearningOptions options, DiscriminatorArchitecture discriminator, AdversarialLearner learner, JointModule network)
        : base(learner, network)
    {
        (_options, _discriminator) = (options, discriminator);
        _judge = Mover("discriminator", discriminator.Named(DiscriminatorName).Select(part => part.Name));
        _makers = Mover("encoder and generator", EncoderName, DecoderName);
    }

    public override IReadOnlyList<Player> Players => [_judge, _makers];

    /// <summary>The losses of encoder and generator, and of the discriminator.</summary>
    /// <param name="rows">The rows, (B, D).</param>
    /// <param name="codes">As many drawn codes, (B, L).</param>
    public (Tensor Makers, Tensor Judge) Losses(Tensor rows, Tensor codes)
    {
        Tensor read = Rows.Inputs(rows), made = Rows.Inputs(Decoder.forward(codes), rows);
        if (_options.Objective == BidirectionalGanObjective.BiGan)
        {
            Tensor real = Judge(read, Encoder.forward(read)), invented = Judge(made, codes);
            return (AdversarialLoss.OfDeceivers(real, invented), AdversarialLoss.OfDiscriminator(real, invented));
        }

        Tensor ordinary = Judge(made, null);
        Tensor found = Encoder.forward(PartOfGradient(made, _options.Objective == BidirectionalGanObjective.LatentRegressor ? 0 : RegressorShare));
        return (AdversarialLoss.High(ordinary) + functional.mse_loss(found, codes), AdversarialLoss.OfDiscriminator(Judge(read, null), ordinary));
    }

    protected override void Play(TrainingStep step) => Move(step, rows =>
    {
        (Tensor makers, Tensor judge) = Losses(rows, Codes(step.Noise, rows.shape[0]));
        return [new(_makers, makers), new(_judge, judge)];
    });

    protected override Tensor ReconstructionError(Tensor rows) => Rows.Deviance(Decoder.forward(Encoder.forward(Rows.Inputs(rows))), rows).mean();

    private Tensor Codes(Noise noise, long count) => _options.CodeDistribution == CodeDistribution.Uniform
        ? noise.Uniform(count, _options.CodeSize).Times(2).Plus(-1.0)
        : noise.Normal(count, _options.CodeSize);

    private Tensor Judge(Tensor rows, Tensor? codes) => _discriminator.Judge(Network, DiscriminatorName, rows, codes);

    // The same values, to which a part of the gradient goes.
    private static Tensor PartOfGradient(Tensor values, double part)
    {
        Tensor constant = values.detach();
        return part == 0 ? constant : constant + (values - constant).Times(part);
    }
}
