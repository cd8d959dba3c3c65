using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Distillation;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;
using static System.FormattableString;

namespace MLNet.Papers;

/// <summary>Trains a network on labels, and then networks like it, each on the outputs of the one before.</summary>
/// <remarks>
/// <para><b>Source.</b> Furlanello, Lipton, Tschannen, Itti and Anandkumar, "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770, sections 3 and 4.</para>
/// <para><b>Use.</b> It helps a network that fits noise in its labels. One that is regularized strongly already is harmed, more in each generation, as
/// learning from oneself regularizes
/// further; that is what <see cref="BornAgainOutput.BestOnValidation"/> is for, which then answers with generation 0.</para>
/// <para><b>Input.</b> Features: a vector of Single; or images, if the options say so. Label: a key; or a text, number or Boolean, whose distinct values
/// become the classes. Generation 0
/// leaves out rows without a label, and the others learn from them too; <see cref="BornAgainObjective.ConfidenceWeighted"/> needs labels everywhere.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order.</para>
/// <para><b>Cost.</b> One pass over the data, two if the label is no key; the rows then lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what
/// is more in a temporary file.
/// Training takes 1 + Generations times as long as that of one network, and up to twice that with <see cref="BornAgainOptions.RefitOnAllRows"/>, a TimeLimit
/// being divided equally among as many networks as there may be.</para>
/// <para><b>Randomness.</b> For each generation other initial weights, another order of rows and, where they are permuted, other permutations, all from Seed.
/// The same seed, data and
/// number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> All generations are trained, and then the chosen one and those before it again, see <see cref="BornAgainOptions.RefitOnAllRows"/>.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or classes with a label, or fewer than 3 classes where predictions are permuted; a row has no label where all must; a feature is
/// not finite or an image is missing; a loss or a weight is not finite; the GPU is missing; or a checkpoint belongs to another training.
/// </exception>
public sealed class BornAgainNetworkTrainer : TechniqueEstimator<BornAgainNetworkTransformer, BornAgainOptions>
{
    private readonly LabelColumn _label;
    private readonly FeatureColumn _features;

    internal BornAgainNetworkTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, BornAgainOptions? options)
        : base(environment, options) => (_label, _features) = (new(Named(labelColumnName)), new(Named(featureColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => [_features, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override TechniqueEstimator<BornAgainNetworkTransformer> For(DataViewSchema schema) => _features.ShapeToTake(schema) is { } shape
        ? new BornAgainNetworkTrainer(Environment, _label.Name, _features.Name, Options.For(shape))
        : this;

    private protected override BornAgainNetworkTransformer Fit(IDataView input, IChannel channel)
    {
        TorchDevice device = TorchDevice.Of(Environment);
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        ClassLabels classes = index.Classes;
        using StudentRows rows = Read(input, new RowLabels(index, classes), classes);
        using StudentRows? other = Validation is { } view ? Read(view, RowLabels.OfValidation(view, _label.Name, classes, Check), classes) : null;
        RequireRows(rows, classes);

        LayeredArchitecture architecture = Options.Architecture(rows.Size, classes.Count).RequireScorable(nameof(BornAgainOptions));
        using var training = new StudentTraining(Environment, Options, architecture, device, (Options.Generations + 1) * (Options.Refits ? 2 : 1));
        HeldOutRows held = other is null ? HeldOutRows.Split(rows, Options.ValidationFraction, training.Seed, withLabelOnly: true) : HeldOutRows
            .Given(rows, other);
        (int[] validated, bool hasLabels) = held.ToValidateOn();
        if (validated.Length > 0 && !hasLabels)
            throw new InvalidOperationException($"Column '{_label.Name}' is missing in all {validated.Length} rows to validate on.");
        BatchSource? validation = Options.Patience is null || validated.Length == 0 ? null : held.Rows.Batches(validated, device);
        List<NetworkWeights> generations = Train(training, rows, held.Training, validation, Options.Generations, device);
        Fitness[] onTraining = [.. generations.Select(weights => Evaluate(rows, held.Training, weights))];
        Fitness[] onValidation = [.. generations.Select(weights => Evaluate(held.Rows, validated, weights))];
        int[] outputs = Options.Output switch
        {
            BornAgainOutput.Last => [generations.Count - 1],
            BornAgainOutput.Ensemble => [.. Enumerable.Range(1, generations.Count - 1)],
            _ => [Enumerable.Range(0, generations.Count).MinBy(generation => onValidation[generation].Loss ?? double.PositiveInfinity)],
        };
        List<NetworkWeights> fitted = generations;
        if (Options.Refits)
        {
            training.Expect(generations.Count + outputs[0] + 1);
            fitted = Train(training, rows, rows.RowNumbers(withLabelOnly: false), validation: null, outputs[0], device);
        }

        training.End();
        int[] kept = Options.KeepGenerations ? [.. Enumerable.Range(0, fitted.Count)] : outputs;
        var state = new BornAgainNetworkTransformer.State(
            _features, architecture, new([.. kept.Select(generation => fitted[generation])], kept, outputs), classes, _label.Name);
        var entries = new List<DistillationReportEntry>();
        for (int generation = 0; generation < generations.Count; generation++)
        {
            entries.Add(EntryOfOne(Invariant($"generation {generation}"), !Options.Refits && outputs.Contains(generation), generations[generation],
                onTraining[generation], onValidation[generation]));
        }

        if (Options.Refits)
        {
            NetworkWeights refit = fitted[^1];
            entries.Add(
                EntryOfOne(
                    Invariant($"refit {outputs[0]}"), isOutput: true, refit, Evaluate(rows, rows.RowNumbers(withLabelOnly: true), refit), new Fitness()));
        }

        if (outputs.Length > 1)
        {
            NetworkWeights[] members = [.. outputs.Select(generation => generations[generation])];
            using var ensemble = new BornAgainNetworkTransformer(Environment, state);
            entries.Add(Entry("ensemble", isOutput: true, Evaluate(rows, held.Training, members), Evaluate(held.Rows, validated, members),
                members.Length * architecture.ParameterCount, ensemble));
        }

        var report = new DistillationReport(entries, held.Training.Length, held.Training.Count(row => rows.ClassOf(row) < 0), validated.Length);
        channel.Info(MessageSensitivity.None, report.ToString());
        return new BornAgainNetworkTransformer(Environment, state, report);

        Fitness Evaluate(StudentRows of, int[] numbers, params NetworkWeights[] members)
        {
            using ProbabilityScorer scorer = training.Score(members);
            return of.Evaluate(scorer, numbers, Check);
        }

        DistillationReportEntry EntryOfOne(string name, bool isOutput, NetworkWeights weights, Fitness fitness, Fitness validation)
        {
            using var alone = new DistillationTransformer(Environment, new(_features, architecture, weights, classes, _label.Name));
            return Entry(name, isOutput, fitness, validation, architecture.ParameterCount, alone);
        }

        DistillationReportEntry Entry(string name, bool isOutput, Fitness fitness, Fitness validation, long parameters, ITransformer model) => new(
            name, isOutput, fitness.Loss, fitness.Accuracy, validation.Loss, validation.Accuracy, parameters, ModelFigures.Bytes(model),
            ModelFigures.RowsPerSecond(model, input, [MulticlassColumns.Score], Check));
    }

    private List<NetworkWeights> Train(StudentTraining training, StudentRows rows, int[] trained, BatchSource? validation, int last, TorchDevice device)
    {
        // Rows without a label teach the later generations only.
        int[] labelled = [.. trained.Where(row => rows.ClassOf(row) >= 0)];
        static torch.Tensor LabelLoss(torch.Tensor teacher, torch.Tensor labels, torch.Tensor logits) => SoftTargets.CrossEntropy(labels, logits).mean();

        // Labels are distributions too: generation 0 minimizes the same cross-entropy.
        rows.TakeLabels();
        List<NetworkWeights> generations =
        [
            training.Train(
                0, rows.Batches(labelled, device), validation, (teacher, _, logits) => SoftTargets.CrossEntropy(teacher, logits).mean(), LabelLoss),
        ];
        bool permutes = Options.Objective == BornAgainObjective.PermutedPredictions;
        for (int generation = 1; generation <= last; generation++)
        {
            using (ProbabilityScorer teacher = training.Score(generations[^1]))
                rows.TakeProbabilities(teacher, Check);
            if (Options.Temperature != 1)
                rows.ChangeProbabilities((_, probabilities) => SoftTargets.Soften(probabilities, Options.Temperature));
            if (permutes && Options.PermuteOnce)
            {
                Random random = StepRandom.Create(training.Seed, -2_000_000 - generation);
                rows.ChangeProbabilities((_, probabilities) => SoftTargets.Permute(probabilities, random));
            }

            var batches = rows.Batches(trained, device, permutes && !Options.PermuteOnce);
            generations.Add(training.Train(generation, batches, validation, Loss, LabelLoss));
        }

        return generations;
    }

    private torch.Tensor Loss(torch.Tensor teacher, torch.Tensor labels, torch.Tensor logits) => Options.Objective switch
    {
        BornAgainObjective.ConfidenceWeighted => SoftTargets.ConfidenceWeighted(teacher, labels, logits),
        BornAgainObjective.BanWithLabels => SoftTargets.Distillation(teacher, labels, logits, Options.LabelWeight, Options.Temperature),
        _ => SoftTargets.Distillation(teacher, labels, logits, labelWeight: 0, Options.Temperature),
    };

    private StudentRows Read(IDataView data, RowLabels labels, ClassLabels classes) => StudentRows.Read(
        data, _features, _label.Name, row => labels.CreateReader(row, _label.Name), classes.Count, teacher: null,
        (long)Options.CacheMebibytes << 20, Environment);

    private void RequireRows(StudentRows rows, ClassLabels classes)
    {
        int present = rows.RowNumbers(withLabelOnly: true).Select(row => rows.ClassOf(row)).Distinct().Count();
        if (present < 2)
        {
            throw new InvalidOperationException(Invariant(
                $"Column '{_label.Name}' must have rows of at least 2 classes, but {rows.Labelled} rows with a label have {present}."));
        }

        if (Options.Objective == BornAgainObjective.PermutedPredictions && classes.Count < 3)
        {
            throw new InvalidOperationException(Invariant(
                $"Column '{_label.Name}' has {classes.Count} classes, but PermutedPredictions needs at least 3: 2 leave nothing to permute."));
        }

        if (Options.Objective == BornAgainObjective.ConfidenceWeighted && rows.Labelled < rows.Count)
        {
            throw new InvalidOperationException(
                Invariant($"Column '{_label.Name}' is missing in {rows.Count - rows.Labelled} rows; ConfidenceWeighted learns labels. ") +
                "Drop them or choose another Objective.");
        }
    }
}
