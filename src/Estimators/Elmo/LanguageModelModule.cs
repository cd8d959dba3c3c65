using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>The network with what it is trained by: the softmax over words that both directions share, and the states that go from one window to the next.</summary>
internal sealed class LanguageModelModule : nn.Module
{
    private readonly ElmoModule network;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <param name="architecture">The network.</param>
    /// <param name="words">V.</param>
    /// <param name="streams">B.</param>
    public LanguageModelModule(ElmoArchitecture architecture, int words, int streams)
        : base(nameof(LanguageModelModule))
    {
        network = new ElmoModule(architecture);
        using DisposeScope scope = NewDisposeScope();
        weight = new Parameter(empty(words, architecture.ProjectionSize).normal_(0, Math.Sqrt(1.0 / architecture.ProjectionSize)).DetachFromDisposeScope());
        bias = new Parameter(zeros(words).DetachFromDisposeScope());
        RegisterComponents();
        // As buffers they are part of a checkpoint.
        LstmState[] states = network.ZeroStates(streams);
        for (int layer = 0; layer < states.Length; layer++)
        {
            register_buffer($"hidden{layer}", states[layer].Hidden.DetachFromDisposeScope());
            register_buffer($"cell{layer}", states[layer].Cell.DetachFromDisposeScope());
        }
    }

    public ElmoModule Network => network;

    /// <summary>(V, P).</summary>
    public Tensor Weight => weight;

    /// <summary>(V).</summary>
    public Tensor Bias => bias;

    /// <summary>Copies of the states after the last window.</summary>
    public LstmState[] States(int layers) =>
        [.. Enumerable.Range(0, layers).Select(layer => new LstmState(get_buffer($"hidden{layer}")!.clone(), get_buffer($"cell{layer}")!.clone()))];

    /// <summary>Keeps the states after a window, without their past: what lies before it gets no gradient.</summary>
    public void Keep(LstmState[] states)
    {
        using IDisposable noGradient = no_grad();
        for (int layer = 0; layer < states.Length; layer++)
        {
            get_buffer($"hidden{layer}")!.copy_(states[layer].Hidden);
            get_buffer($"cell{layer}")!.copy_(states[layer].Cell);
        }
    }
}
