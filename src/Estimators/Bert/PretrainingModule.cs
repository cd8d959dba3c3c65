using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>The encoder with what it is trained by: the heads that predict hidden words, and whether a segment follows.</summary>
internal sealed class PretrainingModule : nn.Module
{
    private const int Answers = 2;
    private const string Follows = "answer";

    private readonly BertArchitecture _architecture;
    private readonly MaskedWordArchitecture _words;

    [ComponentName(Name = "encoder")]
    private readonly WeightModule _encoder;

    [ComponentName(Name = "words")]
    private readonly WeightModule _head;

    [ComponentName(Name = "follows")]
    private readonly WeightModule? _follows;

    /// <param name="architecture">The encoder.</param>
    /// <param name="words">The head that predicts words.</param>
    /// <param name="hasPairs">Whether it learns from pairs; otherwise a pooler stays as it is.</param>
    public PretrainingModule(BertArchitecture architecture, MaskedWordArchitecture words, bool hasPairs)
        : base(nameof(PretrainingModule))
    {
        (_architecture, _words) = (architecture, words);
        _encoder = new WeightModule(architecture.AllWeights());
        _head = new WeightModule(words.AllWeights());
        _follows = hasPairs ? new WeightModule(TransformerBlock.Linear(Follows, architecture.HiddenSize, Answers)) : null;
        RegisterComponents();
        if (!hasPairs && architecture.HasPooler)
        {
            foreach ((_, TorchSharp.Modules.Parameter weight) in _encoder.named_parameters().Where(IsOfPooler))
                weight.requires_grad = false;
        }

        static bool IsOfPooler((string Name, TorchSharp.Modules.Parameter Weight) parameter) => parameter.Name.StartsWith("pooler.", StringComparison.Ordinal);
    }

    /// <summary>The encoder's weights.</summary>
    public WeightModule Encoder => _encoder;

    /// <summary>Those of the head that predicts words.</summary>
    public WeightModule Head => _head;

    /// <summary>Has the head begin with what is known of a piece before anything is of its place: how often it occurs.</summary>
    /// <param name="logarithms">V, of its frequency among all pieces.</param>
    public void BeginWith(float[] logarithms)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        _head.Of(MaskedWordArchitecture.Bias).copy_(tensor(logarithms));
    }

    /// <summary>Runs over a batch.</summary>
    /// <param name="batch">The sequences.</param>
    /// <param name="dropout">What is dropped.</param>
    /// <returns>The logits of the pieces that are to be predicted (N, V), and of whether second segments come from elsewhere (B, 2); null without
    /// pairs.</returns>
    public (Tensor Words, Tensor? Follows) Run(PretrainingBatch batch, DropoutNoise dropout = default)
    {
        Tensor top = _architecture.Run(batch.Inputs.Pieces, batch.Inputs.Segments, batch.Inputs.Present, _encoder.Of, dropout)[^1];
        Tensor states = top.flatten(0, 1).index_select(0, batch.Places);  // (N, H)
        Tensor words = _words.Logits(states, _encoder.Of(BertArchitecture.Words), _head.Of);
        Tensor? follows = _follows is null ? null : TransformerBlock.Linear(BertArchitecture.Pool(top, _encoder.Of), Follows, _follows.Of);
        return (words, follows);
    }
}
