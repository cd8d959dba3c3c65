using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Bert;

/// <summary>What predicts hidden pieces from the encoder's top layer x: section 3.1, task 1.</summary>
/// <remarks>
/// <code>
/// t = LN(gelu(W_t x + b_t)),  logits = t Eᵀ + b
/// </code>
/// E is the table of pieces that the encoder reads with. The weights have the names of published models, without a prefix.
/// </remarks>
/// <param name="Pieces">V.</param>
/// <param name="HiddenSize">H.</param>
/// <param name="Gelu">How the activation is computed.</param>
/// <param name="Epsilon">Is added to the variance.</param>
internal sealed record MaskedWordArchitecture(int Pieces, int HiddenSize, BertGelu Gelu, double Epsilon) : INetworkArchitecture
{
    /// <summary>The name of b.</summary>
    public const string Bias = "bias";

    private const string Transform = "transform.dense", Normalization = "transform.LayerNorm";

    /// <summary>The head of an encoder.</summary>
    public static MaskedWordArchitecture Of(BertArchitecture encoder) => new(encoder.Pieces, encoder.HiddenSize, encoder.Gelu, encoder.Epsilon);

    [JsonIgnore]
    int INetworkArchitecture.InputSize => HiddenSize;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => Pieces;

    public long WorkingValues() => (2L * HiddenSize) + Pieces;

    public IEnumerable<LayerWeight> AllWeights() =>
        [
            .. TransformerBlock.Linear(Transform, HiddenSize, HiddenSize), .. TransformerBlock.Normalization(Normalization, HiddenSize),
            new(Bias, [Pieces], WeightUse.Bias) { First = InitialValues.Constant(0) },
        ];

    /// <summary>Predicts in torch.</summary>
    /// <param name="states">x of the hidden pieces, (N, H).</param>
    /// <param name="table">E, (V, H).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(N, V).</returns>
    public Tensor Logits(Tensor states, Tensor table, WeightOf<Tensor> weight)
    {
        Tensor inner = Activation.Run(TransformerBlock.Linear(states, Transform, weight));
        Tensor normalized = nn.functional.layer_norm(
            inner, [HiddenSize], weight($"{Normalization}.weight"), weight($"{Normalization}.bias"), Epsilon);
        return nn.functional.linear(normalized, table, weight(Bias));
    }

    /// <summary>Adds the head to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="states">(…, H).</param>
    /// <param name="table">E, (V, H).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>The logits, (…, V).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue states, OnnxValue table, WeightOf<OnnxValue> weight)
    {
        OnnxValue inner = Activation.Run(graph, TransformerBlock.Linear(graph, states, Transform, weight));
        OnnxValue normalized = TransformerBlock.Normalized(graph, inner, Normalization, weight, Epsilon);
        return graph.Add(graph.MatrixProduct(normalized, graph.Transpose(table, 1, 0)), weight(Bias));
    }

    /// <summary>What predicts on a CPU.</summary>
    /// <param name="table">E.</param>
    /// <param name="weight">The weights.</param>
    public Kernel ToKernel(float[] table, WeightOf<float[]> weight) => new(this, table, weight);

    public string? FindFault() => Pieces < 1 || HiddenSize < 1 || !Enum.IsDefined(Gelu) || !(Epsilon is > 0 and < 1)
        ? FormattableString.Invariant($"there are {Pieces} pieces, {HiddenSize} units, the activation {Gelu} and epsilon {Epsilon}")
        : (long)HiddenSize * HiddenSize > Array.MaxLength ? $"a layer of {HiddenSize} × {HiddenSize} is too large" : this.FindMemoryFault();

    private Gelu Activation => new(IsApproximate: Gelu == BertGelu.Tanh);

    /// <summary>The form that predicts on a CPU. Immutable; what it says of a place does not depend on the places beside it.</summary>
    internal sealed class Kernel(MaskedWordArchitecture head, float[] table, WeightOf<float[]> weight)
    {
        private readonly FusedDense _transform = new(weight($"{Transform}.weight"), weight($"{Transform}.bias"), rectify: false);
        private readonly FusedDense _output = new(table, weight(Bias), rectify: false);
        private readonly float[] _gain = weight($"{Normalization}.weight");
        private readonly float[] _shift = weight($"{Normalization}.bias");
        private readonly Gelu _activation = head.Activation;

        /// <summary>The probabilities of all pieces.</summary>
        /// <param name="state">x, H values.</param>
        /// <param name="probabilities">Receives V values.</param>
        public void Predict(ReadOnlySpan<float> state, Span<float> probabilities)
        {
            int size = head.HiddenSize;
            using Scratch inner = new(Math.Max(_transform.OutputStride, size)), all = new(_output.OutputStride);
            _transform.Run(state, size, 1, inner.Span);
            Span<float> values = inner.Span[..size];
            _activation.Run(values, values);
            FusedNormalization.Pixels(values, values, _gain, _shift, (float)head.Epsilon);
            _output.Run(values, size, 1, all.Span);
            all.Span[..head.Pieces].CopyTo(probabilities);
            ClassProbabilities.Softmax(probabilities[..head.Pieces]);
        }
    }
}
