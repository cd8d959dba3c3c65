using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Adversarial;
using MLNet.Papers.BidirectionalGan;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Tests.BidirectionalGan;

/// <summary>The objective against sums by hand, and to whom its gradients go.</summary>
[TestClass]
public sealed class BidirectionalGanFidelityTests
{
    private const int Size = 3, CodeSize = 2;

    private DisposeScope _scope = null!;

    [TestInitialize]
    public void Begin() => _scope = NewDisposeScope();

    [TestCleanup]
    public void End() => _scope.Dispose();

    [TestMethod]
    public void A_discriminator_that_says_nothing_loses_two_logarithms_of_two_and_so_do_the_others()
    {
        Tensor nothing = zeros(5, 1);
        Assert.AreEqual(1.386294, AdversarialLoss.OfDiscriminator(nothing, nothing).item<float>(), 1e-6);
        Assert.AreEqual(1.386294, AdversarialLoss.OfDeceivers(nothing, nothing).item<float>(), 1e-6);
    }

    // d = (1, -2) of real rows and (0.5) of invented ones: (ln(1 + e^-1) + ln(1 + e^2)) / 2 + ln(1 + e^0.5).
    [TestMethod]
    public void Losses_by_hand_and_with_labels_swapped()
    {
        Tensor real = tensor(new[] { 1f, -2 }), invented = tensor(new[] { 0.5f });
        double expected = ((Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(2))) / 2) + Math.Log(1 + Math.Exp(0.5));
        Assert.AreEqual(expected, AdversarialLoss.OfDiscriminator(real, invented).item<float>(), 1e-6);
        Assert.AreEqual(
            AdversarialLoss.OfDiscriminator(-real, -invented).item<float>(), AdversarialLoss.OfDeceivers(real, invented).item<float>(),
            "Swapped labels are negative logits, exactly.");
    }

    [TestMethod]
    public void Logits_of_a_hundred_give_finite_losses_and_gradients()
    {
        Tensor logits = tensor(new[] { 100f, -100 }, requires_grad: true);
        Tensor loss = AdversarialLoss.OfDiscriminator(logits, logits);
        Assert.AreEqual(100, loss.item<float>(), 1e-4);
        loss.backward();
        Assert.IsTrue(logits.grad!.isfinite().all().item<bool>());
    }

    // V at D = p / (p + q) over tables p of (x, E(x)) and q of (G(z), z): 2 · JS(p || q) - ln 4.
    [TestMethod]
    public void At_the_best_discriminator_the_objective_is_the_divergence_of_both_tables()
    {
        double[] p = [0.2, 0.05, 0.1, 0.15, 0.1, 0.05, 0.05, 0.1, 0.2], q = [0.1, 0.1, 0.1, 0.05, 0.25, 0.1, 0.1, 0.15, 0.05];
        double value = 0, divergence = 0, lost = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double middle = (p[i] + q[i]) / 2, right = p[i] / (p[i] + q[i]), logit = Math.Log(p[i] / q[i]);
            value += (p[i] * Math.Log(right)) + (q[i] * Math.Log(1 - right));
            divergence += 0.5 * ((p[i] * Math.Log(p[i] / middle)) + (q[i] * Math.Log(q[i] / middle)));
            using Tensor one = tensor(new[] { logit });
            lost += (p[i] * AdversarialLoss.High(one).item<double>()) + (q[i] * AdversarialLoss.Low(one).item<double>());
        }

        Assert.AreEqual((2 * divergence) - Math.Log(4), value, 1e-12);
        Assert.AreEqual(-value, lost, 1e-12, "The discriminator loses what the objective has.");
    }

    // min over E and G of E_x[ln D(x, E(x))] + E_z[ln(1 - D(G(z), z))], labels swapped: a term for each of them.
    [TestMethod]
    public void The_encoder_learns_by_rows_alone_and_the_generator_by_codes_alone()
    {
        using Game game = new(BidirectionalGanObjective.BiGan);
        Tensor makers = game.Task.Losses(game.Rows, game.Codes).Makers;
        LayeredModule encoder = game.Network["encoder"], generator = game.Network["decoder"], judge = game.Network["discriminatorJudgement"];
        Tensor real = AdversarialLoss.Low(judge.forward(cat([game.Rows, encoder.forward(game.Rows)], 1)));
        Tensor invented = AdversarialLoss.High(judge.forward(cat([generator.forward(game.Codes), game.Codes], 1)));
        Assert.AreEqual(makers.item<float>(), (real + invented).item<float>(), 1e-6);
        AssertSameGradient(makers, real, encoder);
        AssertSameGradient(makers, invented, generator);

        static void AssertSameGradient(Tensor all, Tensor own, LayeredModule network)
        {
            foreach (Tensor weight in network.parameters())
            {
                Tensor gradient = Gradient(own, weight);
                Assert.AreEqual(0, (Gradient(all, weight) - gradient).abs().max().item<float>(), 1e-7);
                Assert.AreNotEqual(0, gradient.abs().max().item<float>());
            }
        }
    }

    [TestMethod]
    public void A_latent_regressor_leaves_the_generator_alone_and_a_joint_one_gives_it_a_quarter()
    {
        float alone = Gap(BidirectionalGanObjective.LatentRegressor, 0), joint = Gap(BidirectionalGanObjective.JointLatentRegressor, 0.25);
        Assert.AreEqual(0, alone, 1e-6);
        Assert.AreEqual(0, joint, 1e-6);

        // How far the generator's gradient is from that of its own loss and a share of the encoder's error.
        static float Gap(BidirectionalGanObjective objective, double share)
        {
            using Game game = new(objective);
            Tensor weight = game.Network["decoder"].parameters().First();
            Tensor actual = Gradient(game.Task.Losses(game.Rows, game.Codes).Makers, weight);
            Tensor made = game.Network["decoder"].forward(game.Codes);
            Tensor ordinary = AdversarialLoss.High(game.Network["discriminatorJudgement"].forward(made));
            Tensor error = nn.functional.mse_loss(game.Network["encoder"].forward(made), game.Codes);
            Tensor expected = Gradient(ordinary + error.Times(share), weight);
            return (actual - expected).abs().max().item<float>();
        }
    }

    [TestMethod]
    public void Each_weight_belongs_to_one_player()
    {
        using Game game = new(BidirectionalGanObjective.BiGan);
        Assert.AreEqual(game.Network.parameters().Count(), game.Task.Players.SelectMany(player => player.Weights).Distinct().Count());
        Assert.AreEqual(game.Network.parameters().Count(), game.Task.Players.Sum(player => player.Weights.Count));
    }

    [TestMethod]
    public void Invented_rows_lack_what_the_rows_lack_that_they_are_compared_with()
    {
        var layout = new RowLayout(Size, null, [new(0, 1, false), new(1, 2, true)], Likelihood.Bernoulli, true, new([0], [1]));
        Tensor read = new RowLoss(layout).Inputs(tensor(new[,] { { 0f, 3, 3 }, { 0, 3, 3 } }), tensor(new[,] { { float.NaN, 0, 1 }, { 1, 1, 0 } }));
        CollectionAssert.AreEqual(new[] { 0, 0.5f, 0.5f, 1, 0, 0, 0.5f, 0.5f, 0.5f, 0, 0, 0 }, read.data<float>().ToArray());
    }

    private static Tensor Gradient(Tensor loss, Tensor weight) => autograd.grad([loss], [weight], retain_graph: true)[0];

    /// <summary>Networks that have not learned yet, some rows and codes.</summary>
    private sealed class Game : IDisposable
    {
        private readonly TrainingRows _rows;
        private readonly IChannel _channel;

        public Game(BidirectionalGanObjective objective)
        {
            var options = new BidirectionalGanOptions { Objective = objective, CodeSize = CodeSize, HiddenUnits = [4] };
            var layout = new RowLayout(Size, null, [new(0, Size, false)], Likelihood.Gaussian, false, new([0], [1]));
            DiscriminatorArchitecture discriminator = options.Discriminator(layout.Input, objective == BidirectionalGanObjective.BiGan ? CodeSize : 0);
            (string Name, LayeredArchitecture Network)[] all =
            [
                ("encoder", options.Encoder(layout.Input)), ("decoder", options.Decoder(layout.Output)), .. discriminator.Named("discriminator"),
            ];
            Network = InitialWeights.Of(1, () => new JointModule([.. all.Select(one => (one.Name, one.Network.Describe()))]));
            _rows = new TrainingRows(Size, null, options, () => { });
            for (int row = 0; row < 4; row++)
                _rows.Add([row, 1 - row, 0.5f * row]);
            _channel = Host.EnvironmentOf(new MLContext(1).Transforms).Start("test");
            var batches = new RowBatches(_rows, [0, 1, 2, 3], CPU);
            Task = new(options, discriminator, new(options, layout, batches, null, 1, _channel), Network);
            Rows = tensor(new[,] { { 0f, 1, 0 }, { 1, 0, 0.5f }, { -1, 2, -0.5f } });
            Codes = tensor(new[,] { { 0.3f, -0.5f }, { 1, 0.2f }, { -0.7f, 0.9f } });
        }

        public JointModule Network { get; }

        public BidirectionalGanTask Task { get; }

        public Tensor Rows { get; }

        public Tensor Codes { get; }

        public void Dispose()
        {
            _channel.Dispose();
            _rows.Dispose();
            Network.Dispose();
        }
    }
}
