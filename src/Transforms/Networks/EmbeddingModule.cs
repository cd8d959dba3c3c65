using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>A network that maps rows (B, D) to embeddings (B, M), in the form that is trained.</summary>
internal abstract class EmbeddingModule(string name) : Module<Tensor, Tensor>(name)
{
    /// <summary>Makes the network with fresh weights, drawn from torch's process-wide generator.</summary>
    public static EmbeddingModule Create(EmbeddingArchitecture architecture) =>
        architecture.ImageShape is null ? new PerceptronModule(architecture) : new ConvolutionModule(architecture);
}
