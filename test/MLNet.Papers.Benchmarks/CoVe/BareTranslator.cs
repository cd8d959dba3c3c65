using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.CoVe;

/// <summary>
/// The same translation model as one writes it in TorchSharp: libtorch's bidirectional LSTM over packed sentences, and a decoder of LSTM cells.
/// </summary>
internal sealed class BareTranslator : nn.Module
{
    [ComponentName(Name = "sources")]
    private readonly Embedding _sources;

    [ComponentName(Name = "targets")]
    private readonly Embedding _targets;

    [ComponentName(Name = "encoder")]
    private readonly LSTM _encoder;

    [ComponentName(Name = "cells")]
    private readonly ModuleList<LSTMCell> _cells = [];

    [ComponentName(Name = "score")]
    private readonly Linear _score;

    [ComponentName(Name = "combine")]
    private readonly Linear _combine;

    [ComponentName(Name = "softmax")]
    private readonly Linear _softmax;

    private readonly double _dropout;
    private readonly int _hidden;

    public BareTranslator(int sourceWords, int targetWords, TranslationOptions options)
        : base(nameof(BareTranslator))
    {
        (_dropout, _hidden) = (options.Dropout, options.HiddenSize);
        int state = 2 * _hidden;
        _sources = nn.Embedding(sourceWords, options.EmbeddingSize, padding_idx: 0);
        _targets = nn.Embedding(targetWords, options.EmbeddingSize);
        _encoder = nn.LSTM(options.EmbeddingSize, _hidden, numLayers: options.Layers, bidirectional: true, dropout: _dropout);
        for (int layer = 0; layer < options.Layers; layer++)
            _cells.Add(nn.LSTMCell(layer == 0 ? options.EmbeddingSize + state : state, state));
        _score = nn.Linear(state, state, hasBias: false);
        _combine = nn.Linear(2 * state, state, hasBias: false);
        _softmax = nn.Linear(state, targetWords);
        RegisterComponents();
    }

    /// <summary>The mean loss of a batch of padded sentences.</summary>
    /// <param name="read">(N, B): source words, padding behind them.</param>
    /// <param name="lengths">B lengths.</param>
    /// <param name="before">(T, B): target words before those that are predicted.</param>
    /// <param name="predicted">(T · B): what is predicted, -100 on padding.</param>
    public Tensor Loss(Tensor read, Tensor lengths, Tensor before, Tensor predicted)
    {
        Tensor input = nn.functional.dropout(_sources.forward(read), _dropout, training);
        using nn.utils.rnn.PackedSequence packed = nn.utils.rnn.pack_padded_sequence(input, lengths, enforce_sorted: false);
        (nn.utils.rnn.PackedSequence said, Tensor hidden, Tensor cell) = _encoder.call(packed);
        Tensor memory = nn.functional.dropout(nn.utils.rnn.pad_packed_sequence(said).Item1.transpose(0, 1), _dropout, training);  // (B, N, 2H)
        Tensor blocked = (arange(memory.shape[1]).unsqueeze(0) >= lengths.unsqueeze(1)).unsqueeze(1);
        long rows = memory.shape[0];
        (Tensor Hidden, Tensor Cell)[] states = [.. Enumerable.Range(0, (int)_cells.Count).Select(layer => (Joined(hidden, layer), Joined(cell, layer)))];
        Tensor keys = _score.forward(memory).transpose(1, 2), attentional = zeros(rows, 2 * _hidden);
        Tensor embedded = nn.functional.dropout(_targets.forward(before), _dropout, training);
        var outputs = new List<Tensor>();
        foreach (Tensor word in embedded.unbind(0))
        {
            Tensor below = cat([word, attentional], 1);
            for (int layer = 0; layer < states.Length; layer++)
            {
                states[layer] = _cells[layer].forward(layer == 0 ? below : nn.functional.dropout(below, _dropout, training), states[layer]);
                below = states[layer].Hidden;
            }

            Tensor attention = below.unsqueeze(1).bmm(keys).masked_fill(blocked, float.NegativeInfinity).softmax(-1);
            attentional = nn.functional.dropout(_combine.forward(cat([attention.bmm(memory).squeeze(1), below], 1)).tanh(), _dropout, training);
            outputs.Add(attentional);
        }

        return nn.functional.cross_entropy(_softmax.forward(stack(outputs).flatten(0, 1)), predicted, ignore_index: -100);
    }

    private static Tensor Joined(Tensor states, int layer) => cat([states[2 * layer], states[(2 * layer) + 1]], 1);
}
