using System.Numerics.Tensors;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Elmo;

/// <summary>The scoring form of <see cref="CharacterEncoder"/> on a CPU. Immutable; a token's vector does not depend on the tokens beside it.</summary>
internal sealed class FusedCharacterEncoder
{
    /// <summary>So many tokens are encoded together.</summary>
    public const int TokensOfAPart = 64;

    private readonly ElmoArchitecture _architecture;
    private readonly float[] _characters;
    private readonly FusedDense[] _filters;
    private readonly (FusedDense Transform, FusedDense Carry)[] _highways;
    private readonly FusedDense? _projection;
    private readonly int _widest;

    public FusedCharacterEncoder(ElmoArchitecture architecture, NetworkWeights weights)
    {
        _architecture = architecture;
        _characters = weights["characters"];
        _widest = architecture.FilterWidths.Max();
        _filters = [.. architecture.FilterWidths.Select((width, i) => new FusedDense(Windows(weights[$"filters.{i}.weight"], width), weights[$"filters.{i}.bias"], rectify: false))];
        _highways = [.. Enumerable.Range(0, architecture.Highways).Select(i => (
            new FusedDense(weights[$"highways.{i}.transform.weight"], weights[$"highways.{i}.transform.bias"], rectify: true),
            new FusedDense(weights[$"highways.{i}.carry.weight"], weights[$"highways.{i}.carry.bias"], rectify: false)))];
        if (architecture.ProjectsFilters)
            _projection = new FusedDense(weights["projection.weight"], weights["projection.bias"], rectify: false);
    }

    /// <summary>The context-free vectors of tokens.</summary>
    /// <param name="tokens">For each its <see cref="CharacterIds"/> without padding; at least one token.</param>
    /// <returns>For each P values.</returns>
    public float[][] Encode(IReadOnlyList<int[]> tokens)
    {
        int filters = _architecture.Filters;
        float[] activations = new float[tokens.Count * filters];
        for (int token = 0; token < tokens.Count; token++)
            Filter(tokens[token], activations.AsSpan(token * filters, filters));
        foreach ((FusedDense transform, FusedDense carry) in _highways)
            Highway(transform, carry, activations, tokens.Count);
        if (_projection is null)
            return [.. Enumerable.Range(0, tokens.Count).Select(token => activations[(token * filters)..((token + 1) * filters)])];
        float[] projected = new float[tokens.Count * _projection.OutputStride];
        _projection.Run(activations, filters, tokens.Count, projected);
        return [.. Enumerable.Range(0, tokens.Count).Select(token => projected.AsSpan(token * _projection.OutputStride, _architecture.ProjectionSize).ToArray())];
    }

    // The greatest value of each filter over all places. Where a filter sees padding alone it gives the same everywhere, so that one such place stands for all of them.
    private void Filter(int[] ids, Span<float> output)
    {
        int size = _architecture.CharacterSize, places = Math.Min(_architecture.MaxCharacters, ids.Length + _widest);
        float[] characters = new float[places * size];
        for (int place = 0; place < places; place++)
        {
            int id = place < ids.Length ? ids[place] : CharacterIds.Padding;
            _characters.AsSpan((id - 1) * size, size).CopyTo(characters.AsSpan(place * size));
        }

        int first = 0;
        for (int i = 0; i < _filters.Length; i++)
        {
            int windows = Math.Min(_architecture.MaxCharacters - _architecture.FilterWidths[i] + 1, ids.Length + 1), stride = _filters[i].OutputStride;
            float[] found = new float[windows * stride];
            _filters[i].Run(characters, size, windows, found);
            Span<float> greatest = output.Slice(first, _architecture.FilterCounts[i]);
            found.AsSpan(0, greatest.Length).CopyTo(greatest);
            for (int window = 1; window < windows; window++)
                TensorPrimitives.Max(greatest, found.AsSpan(window * stride, greatest.Length), greatest);
            if (_architecture.UsesTanh)
                TensorPrimitives.Tanh<float>(greatest, greatest);
            else
                TensorPrimitives.Max(greatest, 0, greatest);
            first += greatest.Length;
        }
    }

    // g * relu(transform) + (1 - g) * x, g = sigmoid(carry).
    private void Highway(FusedDense transform, FusedDense carry, float[] activations, int count)
    {
        int filters = _architecture.Filters, stride = transform.OutputStride;
        float[] transformed = new float[count * stride], gates = new float[count * stride];
        transform.Run(activations, filters, count, transformed);
        carry.Run(activations, filters, count, gates);
        for (int token = 0; token < count; token++)
        {
            Span<float> gate = gates.AsSpan(token * stride, filters), value = transformed.AsSpan(token * stride, filters), x = activations.AsSpan(token * filters, filters);
            TensorPrimitives.Sigmoid<float>(gate, gate);
            TensorPrimitives.Subtract(value, x, value);
            TensorPrimitives.MultiplyAdd(gate, value, x, x);
        }
    }

    // (filters, characters, width) -> (filters, width, characters): a window of characters, which lie one after the other, is then a row of the input.
    private float[] Windows(float[] weights, int width)
    {
        int size = _architecture.CharacterSize;
        float[] windows = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            (int filter, int rest) = Math.DivRem(i, size * width);
            (int character, int place) = Math.DivRem(rest, width);
            windows[(filter * size * width) + (place * size) + character] = weights[i];
        }

        return windows;
    }
}
