using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>What the decoder attends to.</summary>
/// <param name="Values">(B, N, 2H): H of section 3.2, the top layer of the encoder.</param>
/// <param name="Keys">(B, 2H, N): H W_1.</param>
/// <param name="Blocked">(B, 1, N): minus infinity on padding, 0 elsewhere; null for no padding.</param>
internal sealed record AttentionMemory(Tensor Values, Tensor Keys, Tensor? Blocked);

/// <summary>The decoder as it is trained, and as it scores on a GPU (section 3.2, equations 2 to 4).</summary>
internal sealed class DecoderModule : nn.Module
{
    private readonly DecoderArchitecture _architecture;
    private readonly Parameter embedding;
    private readonly ModuleList<LstmLayer> layers = [];
    private readonly Parameter? feeding;
    private readonly Parameter score;
    private readonly Parameter combine;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <summary>Makes the network; its weights are still to be set.</summary>
    public DecoderModule(DecoderArchitecture architecture)
        : base(nameof(DecoderModule))
    {
        _architecture = architecture;
        using DisposeScope scope = NewDisposeScope();
        int size = architecture.StateSize;
        embedding = Zeros(architecture.Words, architecture.EmbeddingSize);
        for (int layer = 0; layer < architecture.Layers; layer++)
            layers.Add(new LstmLayer(architecture.Lstm(layer)));
        if (architecture.InputFeeding)
            feeding = Zeros(size, 4 * size);
        score = Zeros(size, size);
        combine = Zeros(2 * size, size);
        weight = Zeros(architecture.Words, size);
        bias = Zeros(architecture.Words);
        RegisterComponents();
    }

    /// <summary>(V, 2H): what words are predicted with.</summary>
    public Tensor Weight => weight;

    /// <summary>(V).</summary>
    public Tensor Bias => bias;

    /// <summary>Prepares what is attended to.</summary>
    /// <param name="top">(N, B, 2H): the top layer of the encoder.</param>
    /// <param name="blocked">(B, 1, N), or null.</param>
    public AttentionMemory Remember(Tensor top, Tensor? blocked)
    {
        Tensor values = top.transpose(0, 1);
        return new(values, values.matmul(score).transpose(1, 2), blocked);
    }

    /// <summary>Runs over target words that are known, as in training.</summary>
    /// <param name="memory">What is attended to.</param>
    /// <param name="initial">The states before the first word, which are the encoder's after the last one.</param>
    /// <param name="words">(T · B): the words before those that are predicted, all sentences of a step beside each other.</param>
    /// <param name="dropout">The part of what goes into each layer and of what it says that is dropped.</param>
    /// <returns>(T, B, 2H): the attentional vectors, which words are predicted from.</returns>
    public Tensor Run(AttentionMemory memory, LstmState[] initial, Tensor words, DropoutNoise dropout)
    {
        long rows = memory.Values.shape[0];
        Tensor input = dropout.Apply(embedding.index_select(0, words).view(1, -1, rows, _architecture.EmbeddingSize));
        return feeding is null ? RunAtOnce(memory, initial, input, dropout) : RunFeeding(memory, initial, layers[0].InputGates(input), dropout);
    }

    /// <summary>Takes one step, as in translation.</summary>
    /// <param name="memory">What is attended to.</param>
    /// <param name="states">The states of the layers.</param>
    /// <param name="attentional">(B, 2H): what the last step said; zeros before the first.</param>
    /// <param name="words">(B): the last words.</param>
    /// <returns>The states, what this step says, and the attention (B, N).</returns>
    public (LstmState[] States, Tensor Attentional, Tensor Attention) Step(AttentionMemory memory, LstmState[] states, Tensor attentional, Tensor words)
    {
        Tensor gates = layers[0].InputGates(embedding.index_select(0, words).view(1, 1, -1, _architecture.EmbeddingSize))[0];
        (states, Tensor said, Tensor attention) = Step(memory, states, attentional, gates, default);
        return (states, said, attention);
    }

    /// <summary>alpha = softmax(H W_1 h), equation 3; h~ = tanh(W_2 [H^T alpha; h]), equation 4.</summary>
    /// <param name="memory">H.</param>
    /// <param name="states">(B, T, 2H): h, of all steps at once.</param>
    /// <returns>h~ (B, T, 2H) and alpha (B, T, N).</returns>
    public (Tensor Attentional, Tensor Attention) Attend(AttentionMemory memory, Tensor states)
    {
        Tensor scores = states.bmm(memory.Keys);
        if (memory.Blocked is not null)
            scores += memory.Blocked;
        Tensor attention = scores.softmax(-1);
        return (cat([attention.bmm(memory.Values), states], 2).matmul(combine).tanh(), attention);
    }

    private Tensor RunAtOnce(AttentionMemory memory, LstmState[] initial, Tensor input, DropoutNoise dropout)
    {
        for (int layer = 0; layer < layers.Count; layer++)
            (input, _) = layers[layer].Run(layer == 0 ? input : dropout.Apply(input), initial[layer]);
        (Tensor said, _) = Attend(memory, input[0].transpose(0, 1));
        return dropout.Apply(said).transpose(0, 1);
    }

    private Tensor RunFeeding(AttentionMemory memory, LstmState[] states, Tensor[] gates, DropoutNoise dropout)
    {
        var said = new Tensor[gates.Length];
        Tensor attentional = states[0].Hidden[0].new_zeros(states[0].Hidden.shape[1..]);
        for (int step = 0; step < gates.Length; step++)
        {
            (states, attentional, _) = Step(memory, states, attentional, gates[step], dropout);
            said[step] = attentional;
        }

        return stack(said, 0);
    }

    private (LstmState[] States, Tensor Attentional, Tensor Attention) Step(AttentionMemory memory, LstmState[] states, Tensor attentional, Tensor gates, DropoutNoise dropout)
    {
        var after = new LstmState[states.Length];
        if (feeding is not null)
            gates = addmm(gates[0], attentional, feeding, 1, 1).unsqueeze(0);
        for (int layer = 0; layer < after.Length; layer++)
        {
            if (layer > 0)
                gates = layers[layer].InputGates(dropout.Apply(after[layer - 1].Hidden).unsqueeze(1))[0];
            after[layer] = layers[layer].Step(gates, states[layer]);
        }

        (Tensor said, Tensor attention) = Attend(memory, after[^1].Hidden.transpose(0, 1));
        return (after, dropout.Apply(said).squeeze(1), attention.squeeze(1));
    }

    private static Parameter Zeros(params long[] shape) => new(zeros(shape).DetachFromDisposeScope());
}
