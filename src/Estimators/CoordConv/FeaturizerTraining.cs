using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.CoordConv;

/// <summary>A featurizer with what it is trained with, which is thrown away afterwards.</summary>
internal sealed class FeaturizerTraining : Module<Tensor, Tensor>
{
    [ComponentName(Name = "featurizer")]
    private readonly LayeredModule _featurizer;

    [ComponentName(Name = "head")]
    private readonly Module<Tensor, Tensor> _head;


    private FeaturizerTraining(FeaturizerArchitecture architecture, Func<Module<Tensor, Tensor>> createHead)
        : base(nameof(FeaturizerTraining))
    {
        _featurizer = new LayeredModule(architecture);
        _head = createHead();
        RegisterComponents();
    }

    public LayeredModule Featurizer => _featurizer;

    /// <summary>A linear layer after the features: logits of classes, or numbers.</summary>
    public static FeaturizerTraining Supervised(FeaturizerArchitecture architecture, int outputs) =>
        new(architecture, () => Linear(architecture.Features, outputs));

    /// <summary>That layer, whose memory counts too.</summary>
    public static LayeredArchitecture HeadOf(FeaturizerArchitecture architecture, int outputs) =>
        new() { Input = new(architecture.Features, 1, 1), Layers = [new Dense(outputs)] };

    /// <summary>A decoder that paints the image, small, from the features.</summary>
    public static FeaturizerTraining Reconstructing(FeaturizerArchitecture architecture) =>
        new(architecture, () => new LayeredModule(Reconstruction.Decoder(architecture)));

    public override Tensor forward(Tensor input) => _head.forward(_featurizer.forward(input));
}
