using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>The LSTM that writes the target, with its attention to the source (the paper's section 3.2). Saved with its weights.</summary>
/// <remarks>
/// Before the first step the states are those of the encoder's layers after the last word, and h~ is 0. In step t, with z the vector of a word and H the top
/// layer of the encoder:
/// <code>
/// h_t  = LSTM([z_t-1; h~_t-1], h_t-1)                 equation 2; h~ with input feeding alone
/// h~_t = tanh(W_2 [H^T alpha; h_t])                   equations 3 and 4, alpha = softmax(H W_1 h_t): MemoryAttention
/// p(word) = softmax(W_out h~_t + b_out)               section 3.2
/// </code>
/// The function in torch and the kernel of a CPU stand below.
/// </remarks>
internal sealed record DecoderArchitecture : INetworkArchitecture
{
    /// <summary>The most beginnings of a translation that are kept.</summary>
    public const int MostBeginnings = 100;

    // A training draws all of them in its own way.
    private static readonly Func<long[], Tensor> Zeros = InitialValues.Constant(0);

    /// <summary>The length of a target word's vector.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>2H, the length of a layer's state, which is that of a token's vector in the encoder.</summary>
    public required int StateSize { get; init; }

    /// <summary>L, as many as the encoder has.</summary>
    public required int Layers { get; init; }

    /// <summary>V, the target words with the marks.</summary>
    public required int Words { get; init; }

    /// <summary>Whether what a step said goes into the next one.</summary>
    public required bool InputFeeding { get; init; }

    [JsonIgnore]
    int INetworkArchitecture.InputSize => EmbeddingSize;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => Words;

    /// <summary>Its layers.</summary>
    public RecurrentStack Stack() => new(EmbeddingSize, [.. Enumerable.Repeat(new Lstm(1, StateSize), Layers)], JoinsDirections: true);

    /// <summary>What the top layer attends to the source with.</summary>
    public MemoryAttention Attention() => new(StateSize);

    /// <summary>
    /// Values that the beginning of a translation needs: the scores of all words, the states and gates of a layer, and the states of the others before and
    /// after a step.
    /// </summary>
    [JsonIgnore]
    public long ValuesOfARow => KernelTile.Pad(Words) + EmbeddingSize + ((12L + (4L * Layers)) * StateSize);

    /// <summary>What the widest beam of a sentence needs.</summary>
    public long WorkingValues() => MostBeginnings * ValuesOfARow;

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights()
    {
        yield return Weight("embedding", Words, EmbeddingSize);
        foreach (LayerWeight weight in Stack().AllWeights())
            yield return weight;
        if (InputFeeding)
            yield return Weight("feeding", StateSize, 4L * StateSize);
        foreach (LayerWeight weight in Attention().AllWeights())
            yield return weight with { First = Zeros };
        yield return Weight("weight", Words, StateSize);
        yield return Weight("bias", Words);
    }

    /// <summary>What is wrong with these numbers, or null: the check before anything is allocated for them.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 16;
        if (EmbeddingSize is < 1 or > Largest || StateSize is < 1 or > Largest)
            return $"a layer has no units or too many: {EmbeddingSize}, {StateSize}";
        const int MostWords = 1 << 30;
        return Layers is < 1 or > 16 || Words is < 3 or > MostWords ? $"there are {Layers} layers and {Words} words" : this.FindMemoryFault();
    }

    private static LayerWeight Weight(string name, params long[] shape) => new(name, shape, WeightUse.Kernel) { First = Zeros };
}

/// <summary>Where a decoder in torch stands, of B translations side by side.</summary>
/// <param name="Layers">The states of the layers, (1, B, 2H) each.</param>
/// <param name="Said">(B, 2H): the last h~; zeros before the first step.</param>
internal sealed record DecoderState(RecurrentState[] Layers, Tensor Said)
{
    /// <summary>All that it is made of.</summary>
    public IEnumerable<Tensor> Tensors => Layers.SelectMany(layer => new[] { layer.Hidden, layer.Cell }).Append(Said);

    /// <summary>The states of some of the translations.</summary>
    /// <param name="rows">Their numbers, Int64.</param>
    public DecoderState Of(Tensor rows) => new(
        Array.ConvertAll(Layers, layer => new RecurrentState(layer.Hidden.index_select(1, rows), layer.Cell.index_select(1, rows))),
        Said.index_select(0, rows));
}

/// <summary>The decoder as a function of its weights, in torch.</summary>
/// <param name="architecture">The decoder.</param>
/// <param name="weight">Its weights.</param>
internal sealed class Decoder(DecoderArchitecture architecture, WeightOf<Tensor> weight)
{
    private readonly RecurrentStack _stack = architecture.Stack();

    /// <summary>What the scores of words are computed from besides h~, (V, 2H) and (V).</summary>
    public (Tensor Weight, Tensor Bias) Output => (weight("weight"), weight("bias"));

    /// <summary>Prepares what is attended to.</summary>
    /// <param name="top">(N, B, 2H): the top layer of the encoder.</param>
    /// <param name="blocked">(B, 1, N): minus infinity on padding, 0 elsewhere; null for no padding.</param>
    public AttentionMemory Remember(Tensor top, Tensor? blocked) => MemoryAttention.Remember(top, blocked, weight);

    /// <summary>Where a translation begins.</summary>
    /// <param name="final">The states of the encoder's layers after the last word, (1, B, 2H) each.</param>
    public static DecoderState Begin(RecurrentState[] final) => new(final, final[0].Hidden[0].new_zeros(final[0].Hidden.shape[1..]));

    /// <summary>Runs over target words that are known, as in training.</summary>
    /// <param name="memory">What is attended to.</param>
    /// <param name="state">Where the translations begin.</param>
    /// <param name="words">(T · B): the words before those that are predicted, all sentences of a step beside each other.</param>
    /// <param name="dropout">The part of what goes into each layer and of h~ that is dropped.</param>
    /// <returns>(T, B, 2H): h~, which words are predicted from.</returns>
    public Tensor Run(AttentionMemory memory, DecoderState state, Tensor words, DropoutNoise dropout)
    {
        Tensor input = Embed(words, memory.Values.shape[0]);
        if (!architecture.InputFeeding)
        {
            // Nothing that is said goes into a layer: all steps at once.
            (Tensor[] outputs, _) = _stack.Run(input, weight, state.Layers, dropout: dropout);
            return dropout.Apply(MemoryAttention.Attend(memory, outputs[^1].transpose(0, 1), weight).Said).transpose(0, 1);
        }

        Tensor[] gates = InputGates(dropout.Apply(input));
        var said = new Tensor[gates.Length];
        StackStep layers = _stack.Step(weight, dropout);
        for (int step = 0; step < gates.Length; step++)
        {
            (state, _) = Step(memory, state, gates[step], layers, dropout);
            said[step] = state.Said;
        }

        return stack(said, 0);
    }

    /// <summary>Takes one step, as in translation.</summary>
    /// <param name="memory">What is attended to.</param>
    /// <param name="state">Where the translations stand.</param>
    /// <param name="words">(B): the last words.</param>
    /// <returns>Where they stand then, and the attention (B, N).</returns>
    public (DecoderState State, Tensor Attention) Step(AttentionMemory memory, DecoderState state, Tensor words) =>
        Step(memory, state, InputGates(Embed(words, words.shape[0]))[0], _stack.Step(weight), default);

    /// <summary>The scores of all words after h~, (N, 2H).</summary>
    public Tensor Logits(Tensor said) => nn.functional.linear(said, Output.Weight, Output.Bias);

    private (DecoderState State, Tensor Attention) Step(
        AttentionMemory memory, DecoderState state, Tensor gates, StackStep layers, DropoutNoise dropout)
    {
        if (architecture.InputFeeding)
            gates = addmm(gates[0], state.Said, weight("feeding"), 1, 1).unsqueeze(0);
        (Tensor output, RecurrentState[] after) = layers(gates, state.Layers);
        (Tensor said, Tensor attention) = MemoryAttention.Attend(memory, output.transpose(0, 1), weight);
        return (new(after, dropout.Apply(said).squeeze(1)), attention.squeeze(1));
    }

    // (T, B, E)
    private Tensor Embed(Tensor words, long rows) => weight("embedding").index_select(0, words).view(-1, rows, architecture.EmbeddingSize);

    // What words (T, B, E) add to the gates of the first layer, (1, B, 4 · 2H) for each step.
    private Tensor[] InputGates(Tensor words) => _stack.Layers[0].InputGates(words.unsqueeze(0), RecurrentStack.Own(weight, 0));
}

/// <summary>The decoder on a CPU, in vectorised code of our own. Immutable; a translation's values do not depend on those beside it.</summary>
/// <param name="architecture">The decoder.</param>
/// <param name="weight">Its weights.</param>
internal sealed class DecoderKernel(DecoderArchitecture architecture, WeightOf<float[]> weight)
{
    private readonly int _size = architecture.StateSize;
    private readonly float[] _embedding = weight("embedding");

    // What was said last is read behind the word.
    private readonly StackStepper _layers = new(
        architecture.Stack(), name => name == "layers.0.input" && architecture.InputFeeding ? [.. weight(name), .. weight("feeding")] : weight(name));

    private readonly MemoryAttention.AttentionKernel _attention = architecture.Attention().Kernel(weight);
    private readonly FusedDense _output = new(weight("weight"), weight("bias"), rectify: false);

    /// <summary>Values from the scores of one translation to those of the next.</summary>
    public int LogitStride => _output.OutputStride;

    /// <summary>Takes one step.</summary>
    /// <param name="memories">What each translation attends to, N × 2H values.</param>
    /// <param name="state">Where the translations stand, which is replaced.</param>
    /// <param name="words">The last words.</param>
    /// <returns>The attention of each translation, N values.</returns>
    public float[][] Step(float[][] memories, State state, ReadOnlySpan<int> words)
    {
        int embedding = architecture.EmbeddingSize, inputs = embedding + (architecture.InputFeeding ? _size : 0);
        using Scratch input = new(checked(words.Length * inputs)), output = new(checked(words.Length * _size));
        for (int row = 0; row < words.Length; row++)
        {
            Span<float> own = input.Span.Slice(row * inputs, inputs);
            _embedding.AsSpan(words[row] * embedding, embedding).CopyTo(own);
            if (architecture.InputFeeding)
                state.Said.AsSpan(row * _size, _size).CopyTo(own[embedding..]);
        }

        _layers.Step(input.Span, state.Layers, output.Span);
        return _attention.Attend(memories, output.Span, state.Said);
    }

    /// <summary>The scores of all words.</summary>
    /// <param name="state">Where the translations stand.</param>
    /// <param name="logits">Receives <see cref="LogitStride"/> values each.</param>
    public void Logits(State state, Span<float> logits) => _output.Run(state.Said, _size, state.Layers.Sequences, logits);

    /// <summary>Where translations stand.</summary>
    /// <param name="Layers">The states of the layers.</param>
    /// <param name="Said">The last h~, 2H values each; zeros before the first step.</param>
    internal sealed record State(StackState Layers, float[] Said)
    {
        /// <summary>The states of some of them, in memory of their own.</summary>
        public State Of(int[] rows) => new(Layers.Of(rows), StackState.Rows(Said, Layers.Sequences, rows));
    }
}
