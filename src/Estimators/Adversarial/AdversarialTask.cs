using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Adversarial;

/// <summary>What a player loses.</summary>
/// <param name="Player">The player.</param>
/// <param name="Value">The loss, a mean over rows.</param>
internal readonly record struct PlayerLoss(Player Player, Tensor Value);

/// <summary>Networks that learn against each other: encoder and decoder of rows, and who judges them. Validated by the reconstruction error.</summary>
internal abstract class AdversarialTask : MinibatchTask
{
    /// <summary>The names of the networks.</summary>
    public const string EncoderName = "encoder", DecoderName = "decoder", DiscriminatorName = "discriminator";

    private readonly AdversarialAutoencoderOptions _options;
    private readonly BatchSource? _validation;
    private readonly int _seed;
    private readonly IChannel _channel;
    private readonly Dictionary<Player, double> _losses = [];

    protected AdversarialTask(AdversarialLearner learner, JointModule network)
        : base(learner.Options, network, learner.Training, learner.Seed)
    {
        (_options, _validation, _seed, _channel, Network) = (learner.Options, learner.Validation, learner.Seed, learner.Channel, network);
        Rows = new(learner.Layout);
    }

    public override JointModule Network { get; }

    public override bool HasValidation => _validation is not null;

    /// <summary>What is read of rows.</summary>
    protected RowLoss Rows { get; }

    protected LayeredModule Encoder => Network[EncoderName];

    protected LayeredModule Decoder => Network[DecoderName];

    public sealed override void Step(TrainingStep step)
    {
        Play(step);
        if ((step.Number + 1) % StepsPerEpoch != 0)
            return;
        string losses = string.Join(", ", Players.Select(player => string.Create(
            CultureInfo.InvariantCulture, $"the {player.Name} {_losses.GetValueOrDefault(player):F4}")));
        _channel.Info(MessageSensitivity.None, string.Create(
            CultureInfo.InvariantCulture, $"Epoch {(step.Number + 1) / StepsPerEpoch}: losses of {losses}."));
        _losses.Clear();
    }

    public sealed override double Validate()
    {
        double sum = 0;
        var random = new Random(_seed);
        foreach (int[] items in Enumerable.Range(0, _validation!.Count).Chunk(_validation.ValidatedAtOnce(_options.BatchSize)))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            sum += ReconstructionError(_validation.Draw(items, random).Inputs).item<float>() * items.Length;
        }

        return sum / _validation.Count;
    }

    /// <summary>Lets all players move.</summary>
    protected abstract void Play(TrainingStep step);

    /// <summary>How far rows, (B, D), are from what their codes say: a mean over the rows.</summary>
    protected abstract Tensor ReconstructionError(Tensor rows);

    /// <summary>Moves players along their losses, all of which are taken before anybody moves.</summary>
    /// <param name="step">The step.</param>
    /// <param name="losses">The losses of some rows, one for each player, which may share a graph.</param>
    protected void Move(TrainingStep step, Func<Tensor, PlayerLoss[]> losses)
    {
        int parts = PartsOf(step, _options.MicroBatchSize);
        Player[] players = [];
        for (int part = 0; part < parts; part++)
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            (Batch batch, double share) = Draw(step, part, parts);
            PlayerLoss[] all = losses(batch.Inputs);
            players = Array.ConvertAll(all, loss => loss.Player);
            for (int i = 0; i < all.Length; i++)
                Add(step, all[i].Player, parts > 1 ? all[i].Value.Times(share) : all[i].Value, keepsGraph: i < all.Length - 1);
        }

        foreach (Player player in players)
        {
            if (_options.L2 > 0)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor squares = player.Weights.Where(weight => weight.dim() > 1).Select(kernel => kernel.square().sum()).Aggregate((sum, next) => sum + next);
                step.Add(player, squares.Times(_options.L2));
            }

            step.Move(player);
        }
    }

    /// <summary>A player that moves some of the networks.</summary>
    protected Player Mover(string name, params IEnumerable<string> networks) => new(
        name, networks.SelectMany(network => Network[network].named_parameters().Select(weight => ($"{network}.{weight.name}", weight.parameter))),
        _options.OptimizerSettings);

    private void Add(TrainingStep step, Player player, Tensor loss, bool keepsGraph)
    {
        double before = step.Loss;
        step.Add(player, loss, keepsGraph: keepsGraph);
        _losses[player] = _losses.GetValueOrDefault(player) + ((step.Loss - before) / (StepsPerEpoch * player.MovesPerStep));
    }
}
