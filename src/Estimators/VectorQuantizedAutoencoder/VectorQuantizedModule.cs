using MLNet.Papers.Codes;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.VectorQuantizedAutoencoder;

/// <summary>Encoder, codebook and decoder in training.</summary>
internal sealed class VectorQuantizedModule : Module
{
    private readonly VectorQuantizationOptions _options;
    private readonly RowLoss _loss;
    private readonly int _dimension;

    public VectorQuantizedModule(VectorQuantizationOptions options, RowLayout layout)
        : base(nameof(VectorQuantizedModule))
    {
        (_options, _loss, _dimension) = (options, new(layout), options.CodeDimension);
        // Small weights: what the encoder gives at first is what the codebook begins with.
        Encoder = new LayeredModule(options.Encoder(layout.Input).Describe() with { Initialization = Initialization.Uniform });
        Decoder = new LayeredModule(options.Decoder(layout.Output).Describe() with { Initialization = Initialization.Uniform });
        Codebook = new CodebookModule(options.CodebookSize, options.CodeDimension, options.Codebook, options.Decay, options.RestartUnusedCodes);
        register_module("encoder", Encoder);
        register_module("decoder", Decoder);
        register_module("codebook", Codebook);
    }

    public LayeredModule Encoder { get; }

    public LayeredModule Decoder { get; }

    public CodebookModule Codebook { get; }

    /// <summary>What the encoder gives for rows: z_e, a vector for each place, (B, D) to (B · P, D).</summary>
    public Tensor Encode(Tensor rows)
    {
        Tensor encoded = Encoder.forward(_loss.Inputs(rows));
        return encoded.view(encoded.shape[0], _dimension, -1).transpose(1, 2).reshape(-1, _dimension);
    }

    /// <summary>
    /// Equation 3, its terms means over all their values: the deviance of the rows, β |z_e - sg(e)|², and |sg(z_e) - e|² where the codebook is learned by it.
    /// </summary>
    /// <param name="rows">(B, D).</param>
    /// <param name="assigned">Receives z_e and the number of the nearest vector of each; null if nobody asks.</param>
    public Tensor Loss(Tensor rows, Action<Tensor, Tensor>? assigned = null)
    {
        Tensor found = Encode(rows), vectors = Codebook.Vectors;
        Tensor nearest = CodebookModule.Nearest(found, vectors), quantized = vectors.index_select(0, nearest);
        Tensor passed = StraightThrough(found, quantized);
        Tensor latents = passed.view(rows.shape[0], -1, _dimension).transpose(1, 2).flatten(1);  // (B · P, D) -> (B, D · P)
        Tensor loss = _loss.Deviance(Decoder.forward(latents), rows).mean();
        if (_options.Commitment > 0)
            loss += functional.mse_loss(found, quantized.detach()).Times(_options.Commitment);
        if (_options.Codebook == CodebookLearning.Loss)
            loss += functional.mse_loss(quantized, found.detach());
        assigned?.Invoke(found, nearest);
        return loss;
    }

    /// <summary>The vectors of a codebook, whose gradient goes to what they stand for as it is (section 3.2).</summary>
    public static Tensor StraightThrough(Tensor found, Tensor quantized) => found + (quantized - found).detach();
}
