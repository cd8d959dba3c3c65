using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.FewShot;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Maml;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using TorchSharp;
using static TorchSharp.torch;

[assembly: LoadableModel<MamlTransformer>("Maml")]

namespace MLNet.Papers;

/// <summary>Classifies rows with a network that a few gradient steps on a support set made from a learned initialization.</summary>
/// <remarks>
/// <para><b>Source.</b> Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, arXiv:1703.03400; equation
/// 1.</para>
/// <para><b>Input.</b> Features: a vector of Single of the length that was fitted; or images of any size, if the network reads images.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order with the classes as slot
/// names; the values of a row add up to 1, and a class without examples has 0. A row with a feature that is not finite gets NaN in all scores and a missing
/// PredictedLabel.</para>
/// <para><b>New classes.</b> <see cref="WithSupport"/>, <see cref="AddClass"/> and <see cref="RemoveClass"/> take the gradient steps anew, from the same
/// initialization. The support set is kept for this, 4·D bytes a row.</para>
/// </remarks>
public sealed class MamlTransformer : FewShotTransformer, ISavedTransformer<MamlTransformer>, IPredictionModel<MamlTransformer>
{
    // The logit of a class without examples, whose probability is then 0.
    private const float Never = -1e30f;

    private readonly State _state;

    internal MamlTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Adapted.Architecture, state.Adapted.CreateScorer) => _state = state;

    /// <inheritdoc/>
    public override string FeatureColumnName => _state.FeatureColumnName;

    /// <inheritdoc/>
    public override string LabelColumnName => _state.LabelColumnName;

    /// <summary>Gradient steps that were taken on the support set.</summary>
    public int AdaptationSteps => _state.Network.AdaptationSteps;

    private protected override IEnumerable<InputColumn> Inputs => [Features];

    private protected override IModelRecord SavedState => _state;

    private protected override ClassLabels Labels => _state.Labels;

    private int InputSize => _state.InputSize;

    /// <inheritdoc/>
    public override MamlTransformer WithSupport(IDataView support)
    {
        ArgumentNullException.ThrowIfNull(support);
        LabelledRows rows = SupportSet.Read(support, Features, LabelColumnName);
        return _state.Network.WithSupport(Environment, rows, FeatureColumnName, LabelColumnName);
    }

    /// <inheritdoc/>
    public override MamlTransformer AddClass(string name, IDataView rows)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(rows);
        name = _state.Labels.Spell(name);
        int known = _state.Labels.Find(name);
        bool isEmpty = known >= 0 && !_state.SupportClasses.Contains(known);
        ClassLabels labels = isEmpty ? _state.Labels : _state.Labels.With(name);
        float[] features = SupportSet.ReadClass(rows, Features, name);
        int added = isEmpty ? known : labels.Count - 1;
        return Of(Environment, _state.Network, FeatureColumnName, LabelColumnName, labels, [.. _state.Support, .. features],
            [.. _state.SupportClasses, .. Enumerable.Repeat(added, features.Length / InputSize)]);
    }

    /// <inheritdoc/>
    public override MamlTransformer RemoveClass(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = _state.Labels.IndexOf(name);
        int[] kept = [.. Enumerable.Range(0, _state.SupportClasses.Length).Where(row => _state.SupportClasses[row] != index)];
        if (kept.Select(row => _state.SupportClasses[row]).Distinct().Count() < 2)
            throw new InvalidOperationException($"At least 2 classes with examples must remain, but without '{name}' there would be fewer.");
        return Of(Environment, _state.Network, FeatureColumnName, LabelColumnName, _state.Labels.Without(index),
            [.. kept.SelectMany(row => _state.Support[(row * InputSize)..((row + 1) * InputSize)])],
            [.. kept.Select(row => _state.SupportClasses[row] - (_state.SupportClasses[row] > index ? 1 : 0))]);
    }

    /// <summary>Takes the gradient steps on a support set.</summary>
    /// <exception cref="InvalidOperationException">The steps lead to weights that are not finite.</exception>
    internal static MamlTransformer Of(
        IHostEnvironment environment,
        MamlNetwork network,
        string featureColumn,
        string labelColumn,
        ClassLabels labels,
        float[] support,
        int[] classes,
        Action? check = null)
    {
        using DisposeScope scope = NewDisposeScope();
        int size = network.Architecture.InputSize;
        int[] present = [.. classes.Distinct().Order()];
        Tensor rows = tensor(support, [classes.Length, size]).clone().to(TorchDevice.Of(environment));
        Tensor places = tensor(Array.ConvertAll(classes, index => (long)Array.BinarySearch(present, index))).to(rows.device);
        Tensor[] adapted = network.Adapt(rows, places, present.Length, check);
        NetworkWeights weights = new LayeredFunction(network.For(present.Length)).Finish(rows, adapted);
        LayeredArchitecture architecture = network.For(labels.Count);
        if (!network.For(present.Length).Weights().All(weight => weights[weight.Name].All(float.IsFinite)))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"{network.AdaptationSteps} gradient steps with InnerLearningRate = {network.InnerLearningRate} on the support ") +
                FormattableString.Invariant($"set lead to weights that are not finite. Lower it, or normalize the column '{featureColumn}'."));
        }

        var adaptedNetwork = new AdaptedNetwork(architecture, present.Length == labels.Count ? weights : Widen(architecture, weights, present, labels.Count));
        return new MamlTransformer(environment, new State(featureColumn, labelColumn, network, labels, support, classes, adaptedNetwork));
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        CreateClassSession(Features.CreateReader(input), capacity);

    /// <inheritdoc/>
    internal override TaskSolver Solver(float[] features, Action check)
    {
        Device device = TorchDevice.Of(Environment);
        return (support, shots, queries) =>
        {
            using DisposeScope scope = NewDisposeScope();
            int ways = support.Length / shots;
            Tensor given = Rows(support), asked = Rows(queries);
            Tensor[] weights = _state.Network.Adapt(given, arange(ways, ScalarType.Int64, device).repeat_interleave(shots), ways, check);
            using IDisposable noGradient = no_grad();
            Tensor logits = new LayeredFunction(_state.Network.For(ways)).Forward(cat([given, asked]), weights, support.Length)
                .narrow(0, support.Length, queries.Length);
            return Array.ConvertAll(logits.argmax(1).cpu().data<long>().ToArray(), way => (int)way);
        };

        Tensor Rows(ReadOnlySpan<int> rows)
        {
            float[] values = new float[rows.Length * InputSize];
            for (int i = 0; i < rows.Length; i++)
                features.AsSpan(rows[i] * InputSize, InputSize).CopyTo(values.AsSpan(i * InputSize));
            return tensor(values, [rows.Length, InputSize]).clone().to(device);
        }
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [ClassScore(graph, _state.Adapted.Architecture.ToOnnx(graph, rows, _state.Adapted.Weights))];

    // The outputs of the classes that have examples, in the places of all classes.
    private static NetworkWeights Widen(LayeredArchitecture architecture, NetworkWeights weights, int[] present, int classes)
    {
        string head = $"layers.{architecture.Layers.Length - 1}.";
        Dictionary<string, float[]> values = [];
        foreach ((string name, _) in architecture.Weights())
        {
            values[name] = weights[name];
            if (!name.StartsWith(head, StringComparison.Ordinal))
                continue;
            int each = weights[name].Length / present.Length;
            values[name] = new float[classes * each];
            if (name.EndsWith("bias", StringComparison.Ordinal))
                Array.Fill(values[name], Never);
            for (int i = 0; i < present.Length; i++)
                weights[name].AsSpan(i * each, each).CopyTo(values[name].AsSpan(present[i] * each));
        }

        return NetworkWeights.Of(architecture, values);
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="FeatureColumnName">The column that is classified.</param>
    /// <param name="LabelColumnName">The column that named the classes.</param>
    /// <param name="Network">The initialization.</param>
    /// <param name="Labels">The classes.</param>
    /// <param name="Support">The support set, row by row.</param>
    /// <param name="SupportClasses">For each row of it its class.</param>
    /// <param name="Adapted">The network that gradient steps on it made.</param>
    internal sealed record State(
        string FeatureColumnName,
        string LabelColumnName,
        MamlNetwork Network,
        ClassLabels Labels,
        [Dimensions(nameof(State.SupportRows), nameof(State.InputSize))] float[] Support,
        int[] SupportClasses,
        AdaptedNetwork Adapted) : IModelRecord
    {
        [Saved]
        public int SupportRows => SupportClasses.Length;

        public int InputSize => Network.Architecture.InputSize;

        public string? FindFault() => SupportClasses.All(index => index >= 0 && index < Labels.Count) && SupportClasses.Distinct().Count() >= 2
            ? null
            : "Block 'supportClasses' must name at least 2 of the classes.";
    }
}
