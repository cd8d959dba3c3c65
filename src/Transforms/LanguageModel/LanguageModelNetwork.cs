using System.Numerics.Tensors;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;

namespace MLNet.Papers.LanguageModel;

/// <summary>Rows of tokens, one after the other.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Starts">Where each row begins, and behind them where the last one ends.</param>
internal readonly record struct SequenceBatch(int[] Tokens, int[] Starts)
{
    /// <summary>How many tokens a row has.</summary>
    public int Length(int row) => Starts[row + 1] - Starts[row];

    /// <summary>Where what is said of a row begins: its tokens, and its end.</summary>
    public int Predictions(int row) => Starts[row] + row;

    /// <summary>The token at a place from 0; in front of the first and behind the last one the edge.</summary>
    public int At(int row, int place) => place < 0 || place >= Length(row) ? SequenceSymbols.Edge : Tokens[Starts[row] + place];
}

/// <summary>
/// A network that predicts the next token, as it scores and generates on a CPU: step by step, so that memory does not grow with the length of a row. Immutable;
/// what it says of a row does not depend on the rows beside it.
/// </summary>
internal sealed class LanguageModelNetwork
{
    // Outputs that the linear layer reads at once: the weights of many tokens are read from memory once for all of them.
    private const int MostPending = 96;
    private const int MostLogits = 1 << 22;

    private readonly SeriesArchitecture _architecture;
    private readonly ISeriesKernel[] _layers;
    private readonly float[] _embedding;
    private readonly FusedDense _head;
    private readonly int _symbols;
    private readonly int _widest;

    public LanguageModelNetwork(SeriesArchitecture architecture, NetworkWeights weights)
    {
        _architecture = architecture;
        _layers = [.. architecture.SeriesLayers().Select((layer, i) => layer.SeriesKernel(SeriesArchitecture.Own<float[]>(name => weights[name], i)))];
        _embedding = weights["embedding"];
        _head = new FusedDense(weights[architecture.HeadWeight], weights["head.bias"], rectify: false);
        _symbols = architecture.Outputs;
        _widest = architecture.SeriesLayers().Max(layer => layer.OutputSize);
    }

    /// <summary>P, the length of a state that is put out.</summary>
    public int FeatureSize => _architecture.FeatureSize;

    private int MostRows => Math.Clamp(MostLogits / _head.OutputStride, 1, MostPending);

    /// <summary>Scores rows.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="logProbabilities">Receives ln p of each token and of the end of each row: <see cref="SequenceBatch.Predictions"/>.</param>
    /// <param name="features">Receives what the layers say of each row when all of it was read, P values each; or is null.</param>
    public void Score(SequenceBatch batch, int count, float[] logProbabilities, float[]? features) => SeriesGroups.Run(
        count, batch.Length, row => _architecture.ValuesOfAState(batch.Length(row) + 1L), row => WorkOfAStep * (batch.Length(row) + 1),
        rows => Score(batch, rows, logProbabilities, features));

    private void Score(SequenceBatch batch, ArraySegment<int> rows, float[] logProbabilities, float[]? features)
    {
        int size = FeatureSize, steps = batch.Length(rows[0]) + 1, most = MostPending + rows.Count, pending = 0, active = rows.Count;
        SeriesState[] states = ZeroStates(rows.Count, steps);
        using Scratch outputs = new(checked(most * size)), logits = new(checked(MostRows * _head.OutputStride));
        int[] tokens = new int[rows.Count], targets = new int[most], places = new int[most];
        for (int step = 0; step < steps; step++)
        {
            while (batch.Length(rows[active - 1]) < step)
                active--;
            for (int row = 0; row < active; row++)
            {
                tokens[row] = batch.At(rows[row], step - 1);
                (targets[pending + row], places[pending + row]) = (batch.At(rows[row], step), batch.Predictions(rows[row]) + step);
            }

            Span<float> given = outputs.Span.Slice(pending * size, active * size);
            Step(states, tokens.AsSpan(0, active), given);
            for (int row = active - 1; features is not null && row >= 0 && batch.Length(rows[row]) == step; row--)
                given.Slice(row * size, size).CopyTo(features.AsSpan(rows[row] * size));
            pending += active;
            if (pending < MostPending && step < steps - 1)
                continue;
            for (int first = 0; first < pending; first += MostRows)
            {
                int some = Math.Min(MostRows, pending - first);
                _head.Run(outputs.Span[(first * size)..], size, some, logits.Span);
                for (int i = 0; i < some; i++)
                    logProbabilities[places[first + i]] = LogProbability(logits.Span.Slice(i * _head.OutputStride, _symbols), targets[first + i]);
            }

            pending = 0;
        }
    }

    /// <summary>Draws rows.</summary>
    /// <param name="firstRow">The number of the first row, from 0.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="drawing">How tokens are drawn.</param>
    /// <param name="rows">Receives the tokens of each row under its number.</param>
    public void Generate(int firstRow, int count, TokenDrawing drawing, int[][] rows)
    {
        SeriesState[] states = ZeroStates(count, drawing.MaxLength + 1);
        var made = new List<int>[count];
        int[] numbers = new int[count], tokens = new int[count];
        for (int row = 0; row < count; row++)
            (made[row], numbers[row]) = ([], firstRow + row);
        using Scratch outputs = new(checked(count * FeatureSize)), logits = new(checked(MostRows * _head.OutputStride));
        for (int step = 0, active = drawing.MaxLength == 0 ? 0 : count; active > 0; step++)
        {
            Step(states, tokens.AsSpan(0, active), outputs.Span);
            for (int first = 0; first < active; first += MostRows)
            {
                int some = Math.Min(MostRows, active - first);
                _head.Run(outputs.Span[(first * FeatureSize)..], FeatureSize, some, logits.Span);
                for (int i = 0; i < some; i++)
                    tokens[first + i] = drawing.Draw(logits.Span.Slice(i * _head.OutputStride, _symbols), numbers[first + i], step);
            }

            // Where a row has ended, the last one takes its place.
            for (int row = active - 1; row >= 0; row--)
            {
                if (tokens[row] != SequenceSymbols.Edge)
                    made[row].Add(tokens[row]);
                if (tokens[row] != SequenceSymbols.Edge && made[row].Count < drawing.MaxLength)
                    continue;
                rows[numbers[row]] = [.. made[row]];
                active--;
                (made[row], numbers[row], tokens[row]) = (made[active], numbers[active], tokens[active]);
                foreach (SeriesState state in states)
                    state.Copy(active, row);
            }
        }

        foreach (int row in Enumerable.Range(firstRow, count))
            rows[row] ??= [];
    }

    private long WorkOfAStep => _architecture.WorkOfAStep() + _head.Work;

    private SeriesState[] ZeroStates(int rows, int steps) => Array.ConvertAll(_layers, layer => layer.ZeroState(rows, steps));

    // What the last layer says of the first rows of a state, P values each.
    private void Step(SeriesState[] states, ReadOnlySpan<int> tokens, Span<float> output)
    {
        int size = _architecture.EmbeddingSize, rows = tokens.Length;
        using Scratch first = new(checked(rows * Math.Max(size, _widest))), second = new(checked(rows * _widest));
        Span<float> input = first.Span, next = second.Span;
        for (int row = 0; row < rows; row++)
            _embedding.AsSpan(tokens[row] * size, size).CopyTo(input[(row * size)..]);
        for (int layer = 0; layer < _layers.Length - 1; layer++)
        {
            _layers[layer].Step(states[layer], rows, input, next);
            Span<float> read = input;
            input = next;
            next = read;
        }

        _layers[^1].Step(states[^1], rows, input, output);
    }

    // Overwrites the logits.
    private static float LogProbability(Span<float> logits, int target)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        float own = logits[target];
        TensorPrimitives.Exp<float>(logits, logits);
        return own - MathF.Log(TensorPrimitives.Sum<float>(logits));
    }
}
