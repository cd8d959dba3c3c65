using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>How the loss of an episode comes from its embeddings.</summary>
/// <param name="Distance">The distance d of equation 2.</param>
/// <param name="Temperature">What distances are divided by; 1 in the paper.</param>
/// <param name="SupportInTurn">Whether every example is support in turn.</param>
internal sealed record PrototypeLoss(Distance Distance, double Temperature, bool SupportInTurn)
{
    /// <summary>The loss of support (W × S, M) and queries (W × Q, M).</summary>
    public Tensor Of(Tensor support, Tensor queries, int ways) => SupportInTurn
        ? EpisodeLoss.InTurn(support, queries, ways, Distance, Temperature)
        : EpisodeLoss.Of(support, queries, ways, Distance, Temperature);
}

/// <summary>Algorithm 1 of Snell, Swersky and Zemel (2017): the loss of one episode is the mean negative log-probability of its queries' classes.</summary>
/// <param name="network">The network, on its device.</param>
/// <param name="loss">The loss.</param>
/// <param name="training">Where training episodes come from.</param>
/// <param name="validation">Where validation episodes come from, or null.</param>
/// <param name="validationEpisodes">How many of them there are.</param>
/// <param name="seed">Their seed.</param>
internal sealed class PrototypicalNetworkTask(
    LayeredModule network, PrototypeLoss loss, EpisodeSource training, EpisodeSource? validation, int validationEpisodes, int seed) : TrainingTask
{
    public override nn.Module Network => network;

    public override bool HasValidation => validation is not null;

    public override IReadOnlyList<Player> Players { get; } = [new(network, new AdamSettings())];

    public override void Step(TrainingStep step) => step.Descend(Loss(step.Random));

    /// <summary>The loss of an episode.</summary>
    public Tensor Loss(Random random)
    {
        (Episode episode, Tensor rows) = training.Draw(random);
        Tensor embeddings = network.forward(rows);  // one pass: batch normalization sees support and queries together
        Tensor support = embeddings.narrow(0, 0, episode.Support.Length), queries = embeddings.narrow(0, episode.Support.Length, episode.Queries.Length);
        return loss.Of(support, queries, training.Ways);
    }

    public override double Validate()
    {
        const int Batch = 512;
        Tensor embeddings = cat([.. validation!.Features.split(Batch).Select(Embed)]);
        double sum = 0;
        int ways = validation.Ways;
        for (int number = 0; number < validationEpisodes; number++)
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            Episode episode = validation.DrawRows(EpisodeSource.ValidationRandom(seed, number)).Episode;
            sum += EpisodeLoss.Of(Of(episode.Support), Of(episode.Queries), ways, loss.Distance, loss.Temperature).item<float>();
        }

        return sum / validationEpisodes;

        Tensor Embed(Tensor batch)
        {
            Check();
            return network.forward(batch);
        }

        Tensor Of(int[] rows) => embeddings.index_select(0, tensor(Array.ConvertAll(rows, row => (long)row)).to(embeddings.device));
    }
}
