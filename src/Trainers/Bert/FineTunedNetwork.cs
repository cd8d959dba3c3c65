using System.Globalization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>An encoder and a linear layer over it, as they are trained together.</summary>
internal sealed class FineTunedNetwork : IDisposable
{
    private const string Head = "head.", Blocks = "encoder.layer.", Tables = "embeddings.";

    private readonly BertArchitecture _encoder;
    private readonly LinearArchitecture _head;
    private readonly TextVector? _text;
    private readonly Device _device;

    /// <param name="encoder">The encoder.</param>
    /// <param name="start">The weights that it begins with.</param>
    /// <param name="head">The linear layer, whose weights are drawn.</param>
    /// <param name="frozen">Blocks that stay as they are, with the tables; 0 for none.</param>
    /// <param name="text">The vectors of texts, where the new layer reads these.</param>
    /// <param name="device">Where it is trained.</param>
    public FineTunedNetwork(
        BertArchitecture encoder,
        NetworkWeights start,
        LinearArchitecture head,
        int frozen,
        TextVector? text,
        Device device)
    {
        (_encoder, _head, _text, _device) = (encoder, head, text, device);
        IEnumerable<LayerWeight> own = head.AllWeights().Select(weight => weight with
        {
            Name = Head + weight.Name,
            First = weight.Use == WeightUse.Kernel ? InitialValues.TruncatedNormal(0.02) : null,
        });
        Weights = new WeightModule([.. encoder.AllWeights(), .. own]);
        start.CopyTo(encoder, Weights);
        Weights.to(device);
        foreach ((string name, Parameter weight) in Weights.named_parameters())
        {
            if (frozen > 0 && Depth(name) > encoder.Layers - frozen)
                weight.requires_grad = false;
        }
    }

    /// <summary>All that is trained.</summary>
    public WeightModule Weights { get; }

    /// <summary>
    /// How far below the new layer a weight is: 0 for it and the pooler, 1 for the top block, and one more than there are blocks for the tables.
    /// </summary>
    public int Depth(string name) => name.StartsWith(Tables, StringComparison.Ordinal) ? _encoder.Layers + 1
        : name.StartsWith(Blocks, StringComparison.Ordinal)
            ? _encoder.Layers - int.Parse(name[Blocks.Length..].Split('.')[0], CultureInfo.InvariantCulture)
        : 0;

    /// <summary>The mean loss of sequences.</summary>
    /// <param name="rows">Where they are.</param>
    /// <param name="sequences">Which.</param>
    /// <param name="dropout">What is dropped in training.</param>
    public Tensor Loss(FineTuningRows rows, int[] sequences, DropoutNoise dropout)
    {
        BertTensors texts = BertTensors.Of(rows.Sequences, sequences, _device);
        Tensor top = _encoder.Run(texts.Pieces, texts.Segments, texts.Present, Weights.Of, dropout)[^1];
        return rows.Loss(
            new EncodedBatch(
                top, () => _text!.Of(top, texts.Present, Weights.Of),
                values =>
                    nn.functional.linear(dropout.Apply(values), Weights.Of(Head + LinearArchitecture.Weight), Weights.Of(Head + LinearArchitecture.Bias))),
            sequences);
    }

    /// <summary>The weights of the encoder as they are now.</summary>
    public NetworkWeights EncoderWeights() => NetworkWeights.Of(_encoder, Weights);

    /// <summary>The linear layer as it is now.</summary>
    public NetworkWeights HeadWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        return NetworkWeights.Of(_head, _head.AllWeights().ToDictionary(
            weight => weight.Name, weight => Weights.Of(Head + weight.Name).detach().cpu().contiguous().data<float>().ToArray()));
    }

    public void Dispose() => Weights.Dispose();
}
