using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>The network with what it is trained by: the softmax over words that both directions share.</summary>
internal sealed class LanguageModelModule : nn.Module
{
    private readonly ElmoModule network;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <param name="architecture">The network.</param>
    /// <param name="words">V.</param>
    public LanguageModelModule(ElmoArchitecture architecture, int words)
        : base(nameof(LanguageModelModule))
    {
        network = new ElmoModule(architecture);
        using DisposeScope scope = NewDisposeScope();
        weight = new Parameter(empty(words, architecture.ProjectionSize).normal_(0, Math.Sqrt(1.0 / architecture.ProjectionSize)).DetachFromDisposeScope());
        bias = new Parameter(zeros(words).DetachFromDisposeScope());
        RegisterComponents();
    }

    public ElmoModule Network => network;

    /// <summary>(V, P).</summary>
    public Tensor Weight => weight;

    /// <summary>(V).</summary>
    public Tensor Bias => bias;
}
