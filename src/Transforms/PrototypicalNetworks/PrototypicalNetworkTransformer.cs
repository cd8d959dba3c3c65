using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.FewShot;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<PrototypicalNetworkTransformer>("PrototypicalNetwork")]

namespace MLNet.Papers;

/// <summary>Classifies a row by the distance of its embedding to the prototype of each class.</summary>
/// <remarks>
/// <para><b>Source.</b> Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175; equations 1 and 2.</para>
/// <para><b>Input.</b> Features: a vector of Single of the length that was fitted; or images of any size, if the network reads images.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order with the
/// classes as slot names; the values of a row add up to 1, and a class without examples has 0. On request an embedding: a vector of Single.
/// A row with a feature that is not finite gets NaN in all scores and embeddings and a missing PredictedLabel.</para>
/// <para><b>New classes.</b> <see cref="WithSupport"/>, <see cref="AddClass"/> and <see cref="RemoveClass"/> give new transformers for other classes,
/// with the same network and without training. This one stays as it is.</para>
/// </remarks>
public sealed class PrototypicalNetworkTransformer : FewShotTransformer, ISavedTransformer<PrototypicalNetworkTransformer>,
IPredictionModel<PrototypicalNetworkTransformer>
{
    private readonly State _state;
    private readonly Lazy<PrototypeClassifier> _classifier;

    internal PrototypicalNetworkTransformer(IHostEnvironment environment, State state, Func<TorchDevice, EmbeddingScorer>? createScorer = null)
        : base(environment, state.Architecture, createScorer ?? (device => EmbeddingScorer.Create(state.Architecture, state.Weights, device)))
    {
        _state = state;
        _classifier = new(() => new PrototypeClassifier(state.PrototypeOfEach(), state.EmbeddingSize, state.Distance, state.Temperature));
    }

    /// <inheritdoc/>
    public override string FeatureColumnName => _state.FeatureColumnName;

    /// <inheritdoc/>
    public override string LabelColumnName => _state.LabelColumnName;

    /// <summary>The name of the column that receives the embedding, or null if there is none.</summary>
    public string? EmbeddingColumnName => _state.EmbeddingColumnName;

    /// <summary>M, the length of an embedding.</summary>
    public int EmbeddingSize => _state.Architecture.OutputSize;

    /// <summary>The classes this transformer knows, in key order.</summary>
    public IReadOnlyList<Prototype> Prototypes =>
        [.. _state.PrototypeOfEach().Select((values, index) => new Prototype(_state.Labels.Names[index], _state.Counts[index], values))];

    private protected override IEnumerable<InputColumn> Inputs => [Features];

    private protected override IModelRecord SavedState => _state;

    private protected override ClassLabels Labels => _state.Labels;

    internal EmbeddingArchitecture Architecture => _state.Architecture;

    internal NetworkWeights Weights => _state.Weights;

    internal Distance Distance => _state.Distance;

    /// <inheritdoc/>
    public override PrototypicalNetworkTransformer WithSupport(IDataView support)
    {
        ArgumentNullException.ThrowIfNull(support);
        LabelledRows rows = SupportSet.Read(support, Features, LabelColumnName);
        (float[] prototypes, long[] counts) = ClassMeans(rows, Scorer, _state.Architecture);
        return new PrototypicalNetworkTransformer(Environment, _state with { Labels = rows.Labels, Prototypes = prototypes, Counts = counts });
    }

    /// <inheritdoc/>
    public override PrototypicalNetworkTransformer AddClass(string name, IDataView rows)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(rows);
        name = _state.Labels.Spell(name);
        int known = _state.Labels.Find(name);
        bool isEmpty = known >= 0 && _state.Counts[known] == 0;
        ClassLabels labels = isEmpty ? _state.Labels : _state.Labels.With(name);
        float[] features = SupportSet.ReadClass(rows, Features, name);
        int count = features.Length / _state.Architecture.InputSize;
        float[] prototype = RequireFinite(BatchedEmbedding.Means(features, new int[count], 1, Scorer, _state.Architecture).Means[0]!, name);
        float[] prototypes = isEmpty ? [.. _state.Prototypes] : [.. _state.Prototypes, .. prototype];
        long[] counts = isEmpty ? [.. _state.Counts] : [.. _state.Counts, count];
        if (isEmpty)
        {
            prototype.CopyTo(prototypes, known * EmbeddingSize);
            counts[known] = count;
        }

        return new PrototypicalNetworkTransformer(Environment, _state with { Labels = labels, Prototypes = prototypes, Counts = counts });
    }

    /// <inheritdoc/>
    public override PrototypicalNetworkTransformer RemoveClass(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = _state.Labels.IndexOf(name);
        var remaining = _state with
        {
            Labels = _state.Labels.Without(index),
            Prototypes = [.. _state.Prototypes[..(index * EmbeddingSize)], .. _state.Prototypes[((index + 1) * EmbeddingSize)..]],
            Counts = [.. _state.Counts.Where((_, i) => i != index)],
        };
        if (remaining.Counts.Count(count => count > 0) < 2)
            throw new InvalidOperationException($"At least 2 classes with examples must remain, but without '{name}' there would be fewer.");
        return new PrototypicalNetworkTransformer(Environment, remaining);
    }

    /// <summary>The same transformer with the embedding as a third output column.</summary>
    /// <param name="columnName">The column's name, or null for no such column.</param>
    /// <returns>A new transformer, to be disposed by the caller.</returns>
    public PrototypicalNetworkTransformer WithEmbeddingColumn(string? columnName = "Embedding")
    {
        if (columnName is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(columnName);
        if (columnName is MulticlassColumns.PredictedLabel or MulticlassColumns.Score)
            throw new ArgumentException($"The embedding cannot have the name '{columnName}' of another output column.", nameof(columnName));
        return new PrototypicalNetworkTransformer(Environment, _state with { EmbeddingColumnName = columnName });
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        Columns(input, _state.Labels, EmbeddingColumnName, EmbeddingSize);

    /// <summary>The columns that are added.</summary>
    /// <param name="input">The input; null where an estimator promises the columns.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="embeddingColumnName">The name of the column of embeddings; null for none.</param>
    /// <param name="embeddingSize">Their length.</param>
    internal static IReadOnlyList<OutputColumn> Columns(DataViewSchema? input, ClassLabels labels, string? embeddingColumnName, int embeddingSize)
    {
        IReadOnlyList<OutputColumn> columns = MulticlassColumns.Create(input, labels);
        return embeddingColumnName is null ? columns : [.. columns, OutputColumn.Embedding(embeddingColumnName, embeddingSize)];
    }

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        PrototypeClassifier classifier = _classifier.Value;
        ScalarOutputBuffer<uint> predictedLabel = OutputBuffer.Scalar<uint>(capacity);
        VectorOutputBuffer<float> score = OutputBuffer.Vector<float>(capacity, _state.Labels.Count);
        VectorOutputBuffer<float>? embeddings = active.ElementAtOrDefault(2) ? OutputBuffer.Vector<float>(capacity, EmbeddingSize) : null;
        return CreateSession(Features.CreateReader(input), capacity, [predictedLabel, score, embeddings], (embedding, slot) =>
        {
            if (embeddings is not null)
                embedding.CopyTo(embeddings[slot]);
            predictedLabel[slot] = classifier.Classify(embedding, score[slot]);
        });
    }

    /// <inheritdoc/>
    internal override TaskSolver Solver(float[] features, Action check)
    {
        int size = EmbeddingSize;
        float[] embeddings = BatchedEmbedding.All(features, Scorer, _state.Architecture, check);
        return (support, shots, queries) =>
        {
            var prototypes = new float[support.Length / shots][];
            for (int way = 0; way < prototypes.Length; way++)
            {
                prototypes[way] = new float[size];
                foreach (int row in support.Slice(way * shots, shots))
                    TensorPrimitives.Add<float>(prototypes[way], embeddings.AsSpan(row * size, size), prototypes[way]);
                TensorPrimitives.Divide(prototypes[way], shots, prototypes[way]);
            }

            var classifier = new PrototypeClassifier(prototypes, size, _state.Distance);
            float[] query = new float[size], probabilities = new float[prototypes.Length];
            int[] answers = new int[queries.Length];
            for (int i = 0; i < queries.Length; i++)
            {
                embeddings.AsSpan(queries[i] * size, size).CopyTo(query);
                answers[i] = (int)classifier.Classify(query, probabilities) - 1;
            }

            return answers;
        };
    }

    /// <summary>The prototype of every class, zeros where it has no rows, and how many rows it has.</summary>
    internal static (float[] Prototypes, long[] Counts) ClassMeans(LabelledRows rows, EmbeddingScorer scorer, EmbeddingArchitecture architecture)
    {
        (float[]?[] prototypes, long[] counts) = BatchedEmbedding.Means(rows.Features, rows.Classes, rows.Labels.Count, scorer, architecture);
        return ([.. prototypes.SelectMany((prototype, index) =>
            prototype is null ? new float[architecture.OutputSize] : RequireFinite(prototype, rows.Labels.Names[index]))], counts);
    }

    // A distance is a sum of squares, which overflows long before an embedding does.
    private static float[] RequireFinite(float[] prototype, string name) => TensorPrimitives.SumOfSquares<float>(prototype) <= float.MaxValue / 8
        ? prototype
        : throw new InvalidOperationException(
            $"The embedding of class '{name}' is not finite or too large for distances: its features are too large for the network.");

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows)
    {
        OnnxValue embedding = _state.Architecture.ToOnnx(graph, rows, _state.Weights);
        yield return MulticlassColumns.InOnnx(_classifier.Value.ToOnnx(graph, embedding), _state.Labels.Count);
        if (EmbeddingColumnName is { } column)
            yield return new(column, embedding, EmbeddingSize);
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="Architecture">The embedding.</param>
    /// <param name="Distance">The distance from a prototype.</param>
    /// <param name="Temperature">What distances are divided by before the softmax.</param>
    /// <param name="FeatureColumnName">The column that is classified.</param>
    /// <param name="LabelColumnName">The column that named the classes.</param>
    /// <param name="EmbeddingColumnName">The column of embeddings, or null.</param>
    /// <param name="Weights">The weights of the embedding.</param>
    /// <param name="Labels">The classes.</param>
    /// <param name="Prototypes">For each class M values, zeros if it has no examples.</param>
    /// <param name="Counts">For each class how many examples its prototype is the mean of.</param>
    internal sealed record State(
        EmbeddingArchitecture Architecture,
        Distance Distance,
        double Temperature,
        string FeatureColumnName,
        string LabelColumnName,
        string? EmbeddingColumnName,
        NetworkWeights Weights,
        ClassLabels Labels,
        [Dimensions(nameof(State.Classes), nameof(State.EmbeddingSize))] float[] Prototypes,
        [Dimensions(nameof(State.Classes))] long[] Counts) : IModelRecord
    {
        public int Classes => Labels.Count;

        public int EmbeddingSize => Architecture.OutputSize;

        /// <summary>The prototype of each class, null where it has no examples.</summary>
        public float[]?[] PrototypeOfEach() =>
            [.. Counts.Select((count, index) => count == 0 ? null : Prototypes.AsSpan(index * EmbeddingSize, EmbeddingSize).ToArray())];

        public string? FindFault()
        {
            if (Temperature is not (> 0 and < double.PositiveInfinity))
                return $"Block 'options' has the temperature {Temperature}.";
            return Counts.Any(count => count < 0) || Counts.Count(count => count > 0) < 2 ? "Block 'counts' must have at least 2 classes with examples." : null;
        }
    }
}
