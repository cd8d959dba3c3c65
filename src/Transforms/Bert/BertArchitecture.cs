using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Bert;

/// <summary>The encoder: Devlin et al. 2019, section 3 ("Model Architecture" and "Input/Output Representations"). Saved with its weights.</summary>
/// <remarks>
/// <code>
/// x_0 = Dropout(LN(E_piece + E_segment + E_position))
/// x_l = Block_l(x_l-1)                                      TransformerBlock
/// pooled = tanh(W_p x_L[CLS] + b_p)
/// </code>
/// The weights have the names of published encoders, without a prefix.
/// </remarks>
internal sealed record BertArchitecture : INetworkArchitecture
{
    // Names of the weights.
    internal const string Words = "embeddings.word_embeddings.weight", Places = "embeddings.position_embeddings.weight";
    internal const string Kinds = "embeddings.token_type_embeddings.weight", Sum = "embeddings.LayerNorm", Pooler = "pooler.dense";

    /// <summary>V, how many pieces the vocabulary has.</summary>
    public required int Pieces { get; init; }

    /// <summary>The most pieces of a text, with its marks.</summary>
    public required int Positions { get; init; }

    /// <summary>Kinds of segments: 2 where pairs of texts are read.</summary>
    public int Segments { get; init; } = 2;

    /// <summary>H, the length of a piece's vector.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>L.</summary>
    public required int Layers { get; init; }

    /// <summary>A, the heads of the attention.</summary>
    public required int Heads { get; init; }

    /// <summary>Units between the two layers of a block's perceptron.</summary>
    public required int InnerSize { get; init; }

    /// <summary>How the activation is computed.</summary>
    public BertGelu Gelu { get; init; }

    /// <summary>Is added to the variances.</summary>
    public double Epsilon { get; init; } = 1e-12;

    /// <summary>Whether there is the layer that reads [CLS] for a text as a whole.</summary>
    public bool HasPooler { get; init; }

    [JsonIgnore]
    int INetworkArchitecture.InputSize => Positions;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => HiddenSize;

    /// <summary>The blocks, all alike.</summary>
    public TransformerBlock Block() => new(HiddenSize, Heads, InnerSize, new(IsApproximate: Gelu == BertGelu.Tanh), Epsilon);

    /// <summary>Finds a block's weights among those of the network.</summary>
    public static WeightOf<T> Own<T>(WeightOf<T> weight, int block) => name => weight($"encoder.layer.{block}.{name}");

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights() =>
        [
            Table(Words, Pieces), Table(Places, Positions), Table(Kinds, Segments), .. TransformerBlock.Normalization(Sum, HiddenSize),
            .. Enumerable.Range(0, Layers).SelectMany(i => Block().AllWeights().Select(weight => weight with { Name = $"encoder.layer.{i}.{weight.Name}" })),
            .. HasPooler ? TransformerBlock.Linear(Pooler, HiddenSize, HiddenSize) : [],
        ];

    /// <summary>What the longest text needs: two layers of its pieces, queries, keys and values, the perceptron's units, and the scores of a head.</summary>
    public long WorkingValues() => Positions * ((5L * HiddenSize) + InnerSize + Positions);

    /// <summary>
    /// What a training step keeps of the longest text, in each block and at each place: 8 vectors, the perceptron's units in the course of the activation, and
    /// twice the scores of the heads.
    /// </summary>
    [JsonIgnore]
    public long ActivationCount => Positions * ((4L * HiddenSize) + (Layers * ((8L * HiddenSize) + (4L * InnerSize) + (2L * Heads * Positions))));

    /// <summary>Runs over texts side by side, in torch.</summary>
    /// <param name="pieces">Numbers of pieces, Int64 (B, T); anything that is a number of a piece behind the end of a text.</param>
    /// <param name="segments">Numbers of segments, Int64 (B, T).</param>
    /// <param name="present">Bool (B, T): whether a text has such a place; null where all texts have all places.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="dropout">What is dropped in training.</param>
    /// <returns>(B, T, H) each: the sum of the tables, normalized, then what each block gives.</returns>
    public Tensor[] Run(Tensor pieces, Tensor segments, Tensor? present, WeightOf<Tensor> weight, DropoutNoise dropout = default)
    {
        Tensor positions = weight(Places).narrow(0, 0, pieces.shape[1]);
        Tensor sum = Rows(Words, pieces) + Rows(Kinds, segments) + positions;
        var layers = new Tensor[Layers + 1];
        layers[0] = dropout.Apply(nn.functional.layer_norm(sum, [HiddenSize], weight($"{Sum}.weight"), weight($"{Sum}.bias"), Epsilon));
        Tensor? absent = null;
        if (present is not null)
        {
            using Scalar never = TransformerBlock.Absent;
            absent = zeros_like(present, dtype: sum.dtype).masked_fill(present.logical_not(), never).view(present.shape[0], 1, 1, present.shape[1]);
        }

        TransformerBlock block = Block();
        for (int layer = 0; layer < Layers; layer++)
            layers[layer + 1] = block.Run(layers[layer], absent, Own(weight, layer), dropout);
        return layers;

        // (B, T) -> (B, T, H)
        Tensor Rows(string table, Tensor numbers) => weight(table).index_select(0, numbers.flatten()).view(numbers.shape[0], numbers.shape[1], HiddenSize);
    }

    /// <summary>What the pooler says of texts, in torch.</summary>
    /// <param name="top">The top layer, (B, T, H).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, H).</returns>
    public static Tensor Pool(Tensor top, WeightOf<Tensor> weight) => TransformerBlock.Linear(top.select(1, 0), Pooler, weight).tanh();

    /// <summary>The tables on a CPU.</summary>
    public BertTables Tables(WeightOf<float[]> weight) => new(this, weight);

    /// <summary>The pooler on a CPU.</summary>
    public static BertPooler PoolKernel(WeightOf<float[]> weight) => new(weight($"{Pooler}.weight"), weight($"{Pooler}.bias"));

    /// <summary>Adds the encoder to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="pieces">Numbers of pieces, Int64 (B, T).</param>
    /// <param name="segments">Numbers of segments, Int64 (B, T); null where there is one.</param>
    /// <param name="lengths">How many pieces each text has, Int64 (B).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>As <see cref="Run"/> has them.</returns>
    public OnnxValue[] ToOnnx(OnnxGraph graph, OnnxValue pieces, OnnxValue? segments, OnnxValue lengths, WeightOf<OnnxValue> weight)
    {
        OnnxValue steps = graph.Squeeze(graph.Length(pieces, 1), 0);
        OnnxValue places = graph.Node("Range", [graph.Integers([], [0]), steps, graph.Integers([], [1])]);  // (T)
        OnnxValue sum = graph.Add(Rows(Words, pieces), Rows(Kinds, segments ?? graph.Integers([], [0])));
        OnnxValue normalized = TransformerBlock.Normalized(graph, graph.Add(sum, Rows(Places, places)), Sum, weight, Epsilon);
        OnnxValue isPresent = graph.Unsqueeze(graph.Node("Less", [places, graph.Unsqueeze(lengths, 1)]), 1, 2);  // (B, 1, 1, T)
        OnnxValue absent = graph.Node("Where", [isPresent, graph.Number(0), graph.Number(TransformerBlock.Absent)]);
        var layers = new OnnxValue[Layers + 1];
        layers[0] = normalized;
        for (int layer = 0; layer < Layers; layer++)
            layers[layer + 1] = Block().ToOnnx(graph, layers[layer], absent, Own(weight, layer));
        return layers;

        OnnxValue Rows(string table, OnnxValue numbers) => graph.Node("Gather", [weight(table), numbers]);
    }

    /// <summary>Adds the pooler to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="top">The top layer, (B, T, H).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, H).</returns>
    public static OnnxValue PoolToOnnx(OnnxGraph graph, OnnxValue top, WeightOf<OnnxValue> weight) =>
        graph.Tanh(TransformerBlock.Linear(graph, graph.Squeeze(graph.Slice(top, axis: 1, start: 0, end: 1), 1), Pooler, weight));

    /// <summary>What is wrong with these numbers, or null: the check before anything is allocated for them.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 16, MostPieces = 1 << 24;
        if (Pieces is < 1 or > MostPieces || Positions is < 2 or > Largest || Segments is < 1 or > Largest)
            return $"there are {Pieces} pieces, {Positions} positions and {Segments} segments";
        if (HiddenSize is < 1 or > Largest || InnerSize is < 1 or > Largest)
            return $"a layer has no units or too many: {HiddenSize}, {InnerSize}";
        if (Layers is < 1 or > 256 || Heads < 1 || HiddenSize % Heads != 0)
            return $"there are {Layers} layers, and {HiddenSize} units for {Heads} heads";
        if (!Enum.IsDefined(Gelu) || !(Epsilon is > 0 and < 1))
            return FormattableString.Invariant($"the activation is {Gelu} and epsilon {Epsilon}");
        return Math.Max((long)Pieces * HiddenSize, (long)HiddenSize * InnerSize) > Array.MaxLength
            ? $"a table of {Pieces} × {HiddenSize} numbers or a layer of {HiddenSize} × {InnerSize} is too large"
            : this.FindMemoryFault();
    }

    private LayerWeight Table(string name, int rows) => new(name, [rows, HiddenSize], WeightUse.Kernel, HiddenSize)
    {
        First = InitialValues.TruncatedNormal(0.02),
    };
}

/// <summary>The sum of the tables, normalized, on a CPU.</summary>
internal sealed class BertTables(BertArchitecture architecture, WeightOf<float[]> weight)
{
    private readonly int _size = architecture.HiddenSize;
    private readonly float _epsilon = (float)architecture.Epsilon;
    private readonly float[] _words = weight(BertArchitecture.Words);
    private readonly float[] _places = weight(BertArchitecture.Places);
    private readonly float[] _kinds = weight(BertArchitecture.Kinds);
    private readonly float[] _gain = weight($"{BertArchitecture.Sum}.weight");
    private readonly float[] _shift = weight($"{BertArchitecture.Sum}.bias");

    /// <summary>Writes the vectors of a text's pieces.</summary>
    /// <param name="pieces">Their numbers.</param>
    /// <param name="second">The place from which they are of segment 1.</param>
    /// <param name="vectors">Receives H values each.</param>
    public void Write(ReadOnlySpan<int> pieces, int second, Span<float> vectors)
    {
        for (int place = 0; place < pieces.Length; place++)
        {
            Span<float> own = vectors.Slice(place * _size, _size);
            ReadOnlySpan<float> word = _words.AsSpan(pieces[place] * _size, _size), kind = _kinds.AsSpan(place < second ? 0 : _size, _size);
            TensorPrimitives.Add(word, kind, own);
            FusedNormalization.Rows(own, _places.AsSpan(place * _size, _size), _size, own, _gain, _shift, _epsilon);
        }
    }
}

/// <summary>The pooler on a CPU.</summary>
/// <param name="weights">(H, H).</param>
/// <param name="biases">H values.</param>
internal sealed class BertPooler(float[] weights, float[] biases)
{
    private readonly FusedDense _dense = new(weights, biases, rectify: false);

    /// <summary>Computes what it says of texts.</summary>
    /// <param name="first">The vectors of [CLS], H values each, one after the other.</param>
    /// <param name="count">How many texts there are; at least 1.</param>
    /// <param name="pooled">Receives H values each.</param>
    public void Run(ReadOnlySpan<float> first, int count, Span<float> pooled)
    {
        using var sums = new Scratch(checked(count * _dense.OutputStride));
        _dense.Run(first, _dense.Units, count, sums.Span);
        for (int text = 0; text < count; text++)
            TensorPrimitives.Tanh<float>(sums.Span.Slice(text * _dense.OutputStride, _dense.Units), pooled.Slice(text * _dense.Units, _dense.Units));
    }
}
