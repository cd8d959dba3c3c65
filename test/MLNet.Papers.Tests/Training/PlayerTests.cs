using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Training;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

/// <summary>Trainings in which several players move by losses of their own.</summary>
[TestClass]
public sealed class PlayerTests : TensorTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mlnet-papers-{Guid.NewGuid():N}");

    [TestCleanup]
    public void Delete()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public void Losses_that_are_computed_together_move_their_own_players_alone()
    {
        // x moves by the slope of x·y, y by that of -x·y, both at (1, 2): x = 1 - 0.5·2, y = 2 + 0.5·1.
        var game = new Game();
        Run(game, steps: 1, (step, game) =>
        {
            Tensor product = (game.X * game.Y).sum();
            step.Add(game.Players[0], product, keepsGraph: true);
            step.Add(game.Players[1], -product);
            step.Move(game.Players[0]);
            step.Move(game.Players[1]);
        });
        Assert.AreEqual((0f, 2.5f), game.Values);
    }

    [TestMethod]
    public void Players_that_move_in_turn_see_each_others_moves()
    {
        // x = 1 - 0.5·2 = 0 first, so that y, whose slope is then 0, stays.
        var game = new Game();
        Run(game, steps: 1, (step, game) =>
        {
            step.Add(game.Players[0], (game.X * game.Y).sum());
            step.Move(game.Players[0]);
            step.Add(game.Players[1], -(game.X * game.Y).sum());
            step.Move(game.Players[1]);
        });
        Assert.AreEqual((0f, 2f), game.Values);
    }

    [TestMethod]
    public void Losses_of_a_player_add_up_and_each_player_has_its_own_clip_and_step_size()
    {
        // The slopes 3 + 1 of x are clipped to 1, and its step size is a tenth; y's slope of 1 is left alone.
        var game = new Game(x => new("x", x, new GradientDescentSettings()) { MaxGradientNorm = 1, LearningRateScale = 0.1 });
        double loss = double.NaN;
        Run(game, steps: 1, (step, game) =>
        {
            step.Add(game.Players[0], (3 * game.X).sum());
            step.Add(game.Players[0], game.X.sum());
            step.Add(game.Players[1], game.Y.sum(), scale: 2);
            step.Move(game.Players[0]);
            step.Move(game.Players[1]);
            loss = step.Loss;
        });
        Assert.AreEqual(0.95f, game.Values.X, 1e-6f);
        Assert.AreEqual(1f, game.Values.Y, 1e-6f, "The scale is that of the gradient.");
        Assert.AreEqual(3 + 1 + 2, loss, 1e-6, "The loss that is reported is not scaled.");
    }

    [TestMethod]
    public void A_player_moves_at_its_interval()
    {
        // x moves in steps 0, 3 and 6 by 0.5, y twice in every step.
        var game = new Game(
            x => new("x", x, new GradientDescentSettings()) { Interval = 3 }, y => new("y", y, new GradientDescentSettings()) { MovesPerStep = 2 });
        Run(game, steps: 7, Steps);
        Assert.AreEqual((-0.5f, -5f), game.Values);

        // One that moves at another time is a mistake of the technique.
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => Run(new Game(), steps: 7, Steps));
        Assert.AreEqual("Player 'y' has moved 2 times after step 1, but should have moved 1 times.", error.Message);

        static void Steps(TrainingStep step, Game game)
        {
            if (game.Players[0].IsDue(step.Number))
            {
                step.Add(game.Players[0], game.X.sum());
                step.Move(game.Players[0]);
            }

            for (int move = 0; move < 2; move++)
            {
                step.Add(game.Players[1], game.Y.sum());
                step.Move(game.Players[1]);
            }
        }
    }

    [TestMethod]
    public void A_frozen_weight_stays_and_one_that_nobody_moves_is_an_error()
    {
        var frozen = new Game();
        frozen.Y.requires_grad = false;
        Run(frozen, steps: 2, (step, game) => step.Descend((game.X * game.Y).sum()));
        Assert.AreEqual((-1f, 2f), frozen.Values);

        var forgotten = new Game { Alone = true };
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Run(forgotten, steps: 1, (step, game) => step.Descend((game.X * game.Y).sum())));
        Assert.AreEqual("The weight 'y' belongs to no player: it would never be learned. A frozen weight requires no gradient.", error.Message);
    }

    [TestMethod]
    public void A_loss_that_is_not_finite_names_its_player()
    {
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Run(new Game(), steps: 1, (step, game) => step.Add(game.Players[1], (game.Y / 0).sum())));
        StringAssert.StartsWith(error.Message, "The loss of the y is Infinity at step 1 with learning rate 0.5.", StringComparison.Ordinal);
    }

    /// <summary>
    /// Two players with optimizers that remember, noise, memory of the task and what comes before the first step: a game that was killed goes on as if it had
    /// not been.
    /// </summary>
    [TestMethod]
    public void A_game_that_was_killed_goes_on_where_it_was()
    {
        Game unbroken = Adversaries();
        Run(unbroken, steps: 9, Steps);
        for (int kill = 2; kill < 9; kill += 2)
        {
            int end = kill;
            Assert.ThrowsExactly<TimeoutException>(() => Run(Adversaries(), steps: 9, (step, game) =>
            {
                if (step.Number == end)
                    throw new TimeoutException();
                Steps(step, game);
            }, _folder));
        }

        Game resumed = Adversaries();
        Run(resumed, steps: 9, Steps, _folder);
        Assert.AreEqual(unbroken.Values, resumed.Values);
        Assert.AreEqual(unbroken.Average.item<float>(), resumed.Average.item<float>());
        Assert.AreNotEqual(new Game().Values, resumed.Values);

        static Game Adversaries() => new(x => new("x", x, new AdamSettings()) { Interval = 2 }, y => new("y", y, new RmsPropSettings { Momentum = 0.5 }));

        static void Steps(TrainingStep step, Game game)
        {
            if (game.Players[0].IsDue(step.Number))
            {
                step.Add(game.Players[0], (game.X * game.Y * step.Noise.Uniform(1)).sum());
                step.Move(game.Players[0]);
            }

            step.Add(game.Players[1], ((game.Y - game.Average) * step.Noise.Normal(1) * step.Random.NextDouble()).sum());
            step.Move(game.Players[1]);
            using IDisposable noGradient = no_grad();
            game.Average.mul_(0.5).add_(game.X + game.Y);
        }
    }

    private static void Run(Game game, int steps, Action<TrainingStep, Game> step, string? folder = null)
    {
        game.Algorithm = step;
        var options = new PrototypicalNetworkOptions { CheckpointFolder = folder, CheckpointInterval = 1 };
        new TrainingLoop(Host.EnvironmentOf(new MLContext().Transforms), new TrainingPlan(options, steps, 3, (_, _) => 0.5, "game"), game).Run();
    }

    /// <summary>Two numbers, x = 1 and y = 2, that belong to two players.</summary>
    private sealed class Game : TrainingTask
    {
        private readonly Func<IEnumerable<(string, Parameter)>, Player> _x, _y;
        private IReadOnlyList<Player>? _players;

        public Game(Func<IEnumerable<(string, Parameter)>, Player>? x = null, Func<IEnumerable<(string, Parameter)>, Player>? y = null)
        {
            _x = x ?? (weights => new("x", weights, new GradientDescentSettings()));
            _y = y ?? (weights => new("y", weights, new GradientDescentSettings()));
        }

        public Action<TrainingStep, Game> Algorithm { get; set; } = (_, _) => { };

        public Parameter X => ((Numbers)Network).X;

        public Parameter Y => ((Numbers)Network).Y;

        public bool Alone { get; init; }

        public Tensor Average { get; } = zeros(1);

        public (float X, float Y) Values => (X.item<float>(), Y.item<float>());

        public override nn.Module Network { get; } = new Numbers();

        public override IReadOnlyList<Player> Players => _players ??= Y.requires_grad && !Alone
            ? [_x([("x", X)]), _y([("y", Y)])]
            : [_x([("x", X)])];

        public override IReadOnlyDictionary<string, Tensor> Memory => new Dictionary<string, Tensor> { ["average"] = Average };

        public override void Begin() => Average.copy_(X);

        public override void Step(TrainingStep step) => Algorithm(step, this);
    }

    private sealed class Numbers : nn.Module
    {
        [ComponentName(Name = "x")]
        private readonly Parameter _x = new(ones(1));

        [ComponentName(Name = "y")]
        private readonly Parameter _y = new(full(1, 2f));

        public Numbers()
            : base(nameof(Numbers)) => RegisterComponents();

        public Parameter X => _x;

        public Parameter Y => _y;
    }
}
