using Microsoft.ML;
using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>A setting of the born-again experiment: how many images, how wrong their labels are, and how long and how strongly regularized networks are
/// trained.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Figure">What its figures begin with.</param>
/// <param name="Images">Images to train on; the others test.</param>
/// <param name="Wrong">The part of the labels that is replaced by a random other class.</param>
/// <param name="Epochs">Epochs of each network.</param>
/// <param name="WeightDecay">How much of a kernel is subtracted at a step, before the step size.</param>
internal sealed record BornAgainSetting(string Name, string Figure, int Images, double Wrong, int Epochs, double WeightDecay)
{
    private const int Generations = 3;

    /// <summary>The setting where born-again networks help, and its controls.</summary>
    public static IReadOnlyList<BornAgainSetting> All { get; } =
    [
        new("30 % of the labels wrong", "", 2_000, 0.3, 40, 5e-4),
        new("control: clean labels", "clean", 500, 0, 60, 5e-4),
        new("control: already well regularized", "regularized", 2_000, 0.3, 15, 5e-3),
        new("control: regularized too strongly", "overregularized", 2_000, 0.3, 15, 2e-2),
    ];

    /// <summary>Draws the images of a seed.</summary>
    /// <returns>The images to train on with their labels, some wrong, and all others.</returns>
    public (CharacterImage[] Training, int[] Labels, CharacterImage[] Test) Split(IReadOnlyList<CharacterImage> images, string[] classes, int seed)
    {
        CharacterImage[] shuffled = [.. images];
        var random = new Random(seed);
        random.Shuffle(shuffled);
        // Fewer images than the setting asks for: two thirds train.
        int count = Math.Min(Images, shuffled.Length * 2 / 3);
        int[] labels = [.. shuffled.Take(count).Select(image => Array.IndexOf(classes, image.Character))];
        for (int i = 0; i < labels.Length; i++)
        {
            if (random.NextDouble() < Wrong)
                labels[i] = (labels[i] + random.Next(1, classes.Length)) % classes.Length;
        }

        return (shuffled[..count], labels, shuffled[count..]);
    }

    /// <summary>The options of every network of this setting: a multilayer perceptron with 128 and 128 hidden units.</summary>
    public BornAgainOptions Options(int seed, BornAgainObjective objective, int generations) => new()
    {
        HiddenUnits = [128, 128],
        Objective = objective,
        Generations = generations,
        Output = BornAgainOutput.Last,
        ValidationFraction = 0,
        Optimizer = TrainingOptimizer.Sgd,
        LearningRate = 0.05,
        Momentum = 0.9,
        BatchSize = 100,
        Epochs = Epochs,
        LearningRateDecay = LearningRateDecay.Tenths,
        L2 = WeightDecay / 2,
        Seed = seed,
    };

    /// <summary>Trains all networks of a seed and tests them.</summary>
    public BornAgainResult Run(SampleRun run, IReadOnlyList<CharacterImage> images, string[] classes, int seed)
    {
        MLContext ml = run.NewContext();
        (CharacterImage[] training, int[] labels, CharacterImage[] test) = Split(images, classes, seed);
        KeyedImages known = KeyedImages.Of(ml, classes, training, labels), unknown = KeyedImages.Of(ml, classes, test);
        float[][][] generations = Scores(Options(seed, BornAgainObjective.Ban, Generations));
        // Another network on the labels alone: without it, an ensemble of generations would be compared with a single network.
        float[][][] others = Scores(Options(seed + 1_000, BornAgainObjective.Ban, 1));
        float[][] third = Scores(Options(seed + 2_000, BornAgainObjective.Ban, 1))[0];
        double LastOf(BornAgainObjective objective) => unknown.Percent(Scores(Options(seed, objective, 1))[1]);

        BornAgainOptions choosing = Options(seed, BornAgainObjective.Ban, Generations);
        (choosing.Output, choosing.ValidationFraction) = (BornAgainOutput.BestOnValidation, 0.1);
        using BornAgainNetworkTransformer chosen = ml.MulticlassClassification.Trainers.BornAgainNetwork("Label", "Pixels", choosing).Fit(known.View);

        return new BornAgainResult(
            [.. generations.Select(scores => unknown.Percent(scores))],
            SecondLabels: unknown.Percent(others[0]),
            TwoLabels: unknown.Percent(generations[0], others[0]),
            ThreeLabels: unknown.Percent(generations[0], others[0], third),
            TwoBornAgain: unknown.Percent(generations[1], generations[2]),
            ThreeBornAgain: unknown.Percent(generations[1], generations[2], generations[3]),
            WithLabels: LastOf(BornAgainObjective.BanWithLabels),
            ConfidenceWeighted: LastOf(BornAgainObjective.ConfidenceWeighted),
            PermutedPredictions: LastOf(BornAgainObjective.PermutedPredictions),
            Chosen: unknown.Percent(unknown.Scores(chosen)),
            ChosenGeneration: chosen.OutputGenerations[0]);

        float[][][] Scores(BornAgainOptions options)
        {
            using BornAgainNetworkTransformer model = ml.MulticlassClassification.Trainers.BornAgainNetwork("Label", "Pixels", options).Fit(known.View);
            return [.. model.Generations.Select(unknown.Scores)];
        }
    }
}

/// <summary>Test accuracies of one seed, in %.</summary>
/// <param name="Generations">Generation 0, the teacher, and then the born-again ones.</param>
/// <param name="SecondLabels">Another network that learned from the labels.</param>
/// <param name="TwoLabels">An ensemble of two networks that did.</param>
/// <param name="ThreeLabels">An ensemble of three.</param>
/// <param name="TwoBornAgain">An ensemble of generations 1 and 2.</param>
/// <param name="ThreeBornAgain">An ensemble of generations 1 to 3.</param>
/// <param name="WithLabels">One generation of BAN+L with equal weights.</param>
/// <param name="ConfidenceWeighted">One generation of CWTM.</param>
/// <param name="PermutedPredictions">One generation of DKPP.</param>
/// <param name="Chosen">The generation that the validation rows chose, a tenth of the training rows being held out.</param>
/// <param name="ChosenGeneration">Which one that was.</param>
internal sealed record BornAgainResult(
    double[] Generations, double SecondLabels, double TwoLabels, double ThreeLabels, double TwoBornAgain, double ThreeBornAgain, double WithLabels,
        double ConfidenceWeighted,
    double PermutedPredictions, double Chosen, int ChosenGeneration);
