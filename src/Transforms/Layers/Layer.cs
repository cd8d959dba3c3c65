using System.Text.Json.Serialization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Gives what a layer has under one of the names of its <see cref="Layer.Weights"/>.</summary>
internal delegate T WeightOf<T>(string name);

/// <summary>A layer, described once: the shape it makes of another, its weights, and how torch, a graph and the CPU's kernels compute it.</summary>
/// <remarks>A kind of layer is a record in a file of its own, with <see cref="LayerKindAttribute"/> and the members that it saves.</remarks>
[JsonConverter(typeof(LayerConverter))]
internal abstract record Layer
{
    /// <summary>The number of the kind in saved models.</summary>
    [JsonPropertyOrder(-1)]
    public int Kind => LayerConverter.NumberOf(GetType());

    /// <summary>What the layer computes with, and gives.</summary>
    [JsonIgnore]
    public virtual LayerForm Form => LayerForm.Images;

    /// <summary>Whether what the layer gives may be overwritten: it is memory of its own, which its gradient does not need.</summary>
    [JsonIgnore]
    public virtual bool OwnsOutput => false;

    /// <summary>Whether each channel becomes one value.</summary>
    [JsonIgnore]
    public virtual bool PoolsChannels => false;

    /// <summary>The shape that this layer makes of another, which <see cref="Fits"/>.</summary>
    public virtual ImageShape Apply(ImageShape input) => input;

    /// <summary>What the layer computes with besides its input.</summary>
    /// <param name="input">The shape that the layer is given.</param>
    public virtual IEnumerable<LayerWeight> Weights(ImageShape input) => [];

    /// <summary>Whether the layer's numbers make sense for an input, and what it gives has sides of 32 bits: the check on a saved layer.</summary>
    public virtual bool Fits(ImageShape input) => true;

    /// <summary>What is wrong with a layer that takes all that there is of an image, to stand after the option's name; null if nothing is.</summary>
    /// <param name="input">The shape that the layer is given.</param>
    /// <param name="after">The layers after it.</param>
    public virtual string? FindLoss(ImageShape input, IEnumerable<Layer> after) => null;

    /// <summary>Values that torch needs for an input while the layer is computed: in the least what it gives.</summary>
    public virtual long WorkingValues(ImageShape input) => Apply(input).Values;

    /// <summary>Computes the layer.</summary>
    /// <param name="x">Images (B, C, H, W) or rows (B, C · H · W), as <see cref="Form"/> says.</param>
    /// <param name="input">C, H and W.</param>
    /// <param name="weight">The layer's weights, on the device of the input.</param>
    /// <param name="pass">What the network is computed for.</param>
    public abstract Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass);

    /// <summary>The same where the input may be overwritten.</summary>
    public virtual Tensor Overwrite(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => Forward(x, input, weight, pass);

    /// <summary>Adds the layer, as it is in use, to a graph.</summary>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight);

    /// <summary>Joins what the CPU computes.</summary>
    /// <param name="plan">The layers before this one.</param>
    /// <param name="input">The shape that the layer is given.</param>
    /// <param name="weight">The layer's weights, asked for when the kernels are built.</param>
    public abstract void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight);
}

/// <summary>In which form a layer computes.</summary>
internal enum LayerForm
{
    /// <summary>Images, (B, C, H, W).</summary>
    Images,

    /// <summary>Rows, (B, C · H · W).</summary>
    Rows,

    /// <summary>Value by value: whichever there is.</summary>
    Any,
}

/// <summary>What a network is computed for.</summary>
/// <param name="IsTraining">Whether batch normalization takes the statistics of the batch, and running averages of them.</param>
/// <param name="StatisticsRows">
/// If not null, batch normalization takes its statistics over that many of the first rows, and no running averages: so the support of a task normalizes its
/// queries too, as MetaBN does in Bronskill et al., "TaskNorm: Rethinking Batch Normalization for Meta-Learning", ICML 2020, and an answer does not depend on
/// the other queries.
/// </param>
/// <param name="Statistics">Receives mean and variance of each batch normalization; null if they are not wanted.</param>
/// <param name="Places">Where sequences of unequal length stand side by side, which places of each are its own, Boolean (B, T): the others are not attended to.
/// Null for all.</param>
/// <param name="Noise">What dropout draws from while training.</param>
internal sealed record Pass(bool IsTraining, long? StatisticsRows = null, List<(Tensor Mean, Tensor Variance)>? Statistics = null, Tensor? Places = null,
    Noise? Noise = null)
{
    public static Pass Training { get; } = new(IsTraining: true);

    public static Pass Scoring { get; } = new(IsTraining: false);
}
