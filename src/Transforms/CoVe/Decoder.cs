using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>What the decoder attends to.</summary>
/// <param name="Values">(B, N, 2H): H of section 3.2, the top layer of the encoder.</param>
/// <param name="Keys">(B, 2H, N): H W_1.</param>
/// <param name="Blocked">(B, 1, N): minus infinity on padding, 0 elsewhere; null for no padding.</param>
internal sealed record AttentionMemory(Tensor Values, Tensor Keys, Tensor? Blocked);

/// <summary>The decoder as a function of its weights, in torch (section 3.2, equations 2 to 4).</summary>
/// <param name="architecture">The decoder.</param>
/// <param name="weight">Its weights.</param>
internal sealed class Decoder(DecoderArchitecture architecture, WeightOf<Tensor> weight)
{
    private readonly RecurrentStack _stack = architecture.Stack();

    /// <summary>Prepares what is attended to.</summary>
    /// <param name="top">(N, B, 2H): the top layer of the encoder.</param>
    /// <param name="blocked">(B, 1, N), or null.</param>
    public AttentionMemory Remember(Tensor top, Tensor? blocked)
    {
        Tensor values = top.transpose(0, 1);
        return new(values, values.matmul(weight("score")).transpose(1, 2), blocked);
    }

    /// <summary>Runs over target words that are known, as in training.</summary>
    /// <param name="memory">What is attended to.</param>
    /// <param name="initial">The states before the first word, which are the encoder's after the last one.</param>
    /// <param name="words">(T · B): the words before those that are predicted, all sentences of a step beside each other.</param>
    /// <param name="dropout">The part of what goes into each layer and of what it says that is dropped.</param>
    /// <returns>(T, B, 2H): the attentional vectors, which words are predicted from.</returns>
    public Tensor Run(AttentionMemory memory, RecurrentState[] initial, Tensor words, DropoutNoise dropout)
    {
        long rows = memory.Values.shape[0];
        Tensor input = Embed(words, rows);
        return architecture.InputFeeding
            ? RunFeeding(memory, initial, InputGates(0, dropout.Apply(input)), dropout)
            : RunAtOnce(memory, initial, input, dropout);
    }

    /// <summary>Takes one step, as in translation.</summary>
    /// <param name="memory">What is attended to.</param>
    /// <param name="states">The states of the layers.</param>
    /// <param name="attentional">(B, 2H): what the last step said; zeros before the first.</param>
    /// <param name="words">(B): the last words.</param>
    /// <returns>The states, what this step says, and the attention (B, N).</returns>
    public (RecurrentState[] States, Tensor Attentional, Tensor Attention) Step(
        AttentionMemory memory, RecurrentState[] states, Tensor attentional, Tensor words)
    {
        Tensor gates = InputGates(0, Embed(words, words.shape[0]))[0];
        (states, Tensor said, Tensor attention) = Step(memory, Steps(), states, attentional, gates, default);
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
        return (cat([attention.bmm(memory.Values), states], 2).matmul(weight("combine")).tanh(), attention);
    }

    /// <summary>The scores of all words after what a step says, (N, 2H).</summary>
    public Tensor Logits(Tensor said) => nn.functional.linear(said, weight("weight"), weight("bias"));

    // (T, B, E)
    private Tensor Embed(Tensor words, long rows) => weight("embedding").index_select(0, words).view(-1, rows, architecture.EmbeddingSize);

    private WeightOf<Tensor> Own(int layer) => RecurrentStack.Own(weight, layer);

    // Of (T, B, I) what it adds to a layer's gates, (1, B, 4 · 2H) for each step.
    private Tensor[] InputGates(int layer, Tensor window) => _stack.Layers[layer].InputGates(window.unsqueeze(0), Own(layer));

    private Tensor RunAtOnce(AttentionMemory memory, RecurrentState[] initial, Tensor input, DropoutNoise dropout)
    {
        (Tensor[] outputs, _) = _stack.Run(input, weight, initial, dropout: dropout);
        (Tensor said, _) = Attend(memory, outputs[^1].transpose(0, 1));
        return dropout.Apply(said).transpose(0, 1);
    }

    private Tensor RunFeeding(AttentionMemory memory, RecurrentState[] states, Tensor[] gates, DropoutNoise dropout)
    {
        var said = new Tensor[gates.Length];
        Func<Tensor, RecurrentState, RecurrentState>[] steps = Steps();
        Tensor attentional = states[0].Hidden[0].new_zeros(states[0].Hidden.shape[1..]);
        for (int step = 0; step < gates.Length; step++)
        {
            (states, attentional, _) = Step(memory, steps, states, attentional, gates[step], dropout);
            said[step] = attentional;
        }

        return stack(said, 0);
    }

    private Func<Tensor, RecurrentState, RecurrentState>[] Steps() => [.. _stack.Layers.Select((layer, i) => layer.Step(Own(i)))];

    private (RecurrentState[] States, Tensor Attentional, Tensor Attention) Step(
        AttentionMemory memory,
        Func<Tensor, RecurrentState, RecurrentState>[] steps,
        RecurrentState[] states,
        Tensor attentional,
        Tensor gates,
        DropoutNoise dropout)
    {
        var after = new RecurrentState[states.Length];
        if (architecture.InputFeeding)
            gates = addmm(gates[0], attentional, weight("feeding"), 1, 1).unsqueeze(0);
        for (int layer = 0; layer < after.Length; layer++)
        {
            if (layer > 0)
                gates = InputGates(layer, dropout.Apply(after[layer - 1].Hidden))[0];
            after[layer] = steps[layer](gates, states[layer]);
        }

        (Tensor said, Tensor attention) = Attend(memory, after[^1].Hidden.transpose(0, 1));
        return (after, dropout.Apply(said).squeeze(1), attention.squeeze(1));
    }
}
