using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Elmo;

/// <summary>The network in a graph.</summary>
internal sealed partial record ElmoArchitecture
{
    /// <summary>Adds the input to a graph: the characters of tokens, Int64 (B, T, M).</summary>
    public OnnxValue CharactersInOnnx(OnnxGraph graph, string name) => graph.Input(name, OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time, MaxCharacters);

    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="characters">The characters of tokens, Int64 (B, T, M).</param>
    /// <param name="lengths">How many tokens each text has, Int64 (B).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The vectors of the tokens in each layer, the context-free one first, (B, T, 2P).</returns>
    public OnnxValue[] ToOnnx(OnnxGraph graph, OnnxValue characters, OnnxValue lengths, NetworkWeights weights)
    {
        Func<string, OnnxValue> weight = graph.Weights(Weights(), weights);
        OnnxValue batch = graph.Length(characters, 0), time = graph.Length(characters, 1), size = graph.Integers(ProjectionSize);

        // The marks before and behind a text are encoded beside its tokens.
        OnnxValue marks = graph.Integers([Directions, MaxCharacters], [.. Padded(CharacterIds.OfBegin()), .. Padded(CharacterIds.OfEnd())]);
        OnnxValue vectors = EncodeInOnnx(graph, graph.Concatenate(0, marks, graph.Reshape(characters, -1, MaxCharacters)), weight);  // (2 + B * T, P)
        OnnxValue tokens = graph.Reshape(graph.Slice(vectors, axis: 0, start: Directions), graph.Concatenate(0, batch, time, size));
        tokens = graph.Transpose(tokens, 1, 0, 2);  // (T, B, P)
        OnnxValue oneMark = graph.Concatenate(0, graph.Integers(1), batch, size);
        OnnxValue[] directions = [.. new[] { tokens, Reverse(tokens) }.Select((own, direction) =>
        {
            OnnxValue mark = graph.Expand(graph.Slice(vectors, axis: 0, start: direction, end: direction + 1), oneMark);  // (1, P) -> (1, B, P)
            return graph.Unsqueeze(graph.Concatenate(0, mark, own), 0);
        })];
        OnnxValue input = graph.Concatenate(0, directions);  // (2, T + 1, B, P)

        List<OnnxValue> layers = [Joined(tokens, tokens)];
        for (int layer = 0; layer < Layers; layer++)
        {
            OnnxValue output = Lstm().ToOnnx(graph, input, name => weight($"layers.{layer}.{name}"));
            input = SkipConnections && layer > 0 ? graph.Add(output, input) : output;
            OnnxValue read = graph.Slice(input, axis: 1, start: 1);  // without the step of the mark
            layers.Add(Joined(Direction(read, 0), Reverse(Direction(read, 1))));
        }

        return [.. layers];

        OnnxValue Direction(OnnxValue both, int direction) => graph.Squeeze(graph.Slice(both, axis: 0, start: direction, end: direction + 1), 0);

        // Each text by its own length; twice gives what there was.
        OnnxValue Reverse(OnnxValue sequences) => graph.Node("ReverseSequence", [sequences, lengths], ("time_axis", 0L), ("batch_axis", 1L));

        // (T, B, P) twice -> (B, T, 2P)
        OnnxValue Joined(OnnxValue forward, OnnxValue backward) => graph.Transpose(graph.Concatenate(2, forward, backward), 1, 0, 2);
    }

    // Filters, highways and projection: from (U, M) characters to (U, P).
    private OnnxValue EncodeInOnnx(OnnxGraph graph, OnnxValue ids, Func<string, OnnxValue> weight)
    {
        // Ids begin at 1. A missing token's 0 becomes the last one, the padding.
        OnnxValue letters = graph.Node("Gather", [weight("encoder.characters"), graph.Subtract(ids, graph.Integers(1))], ("axis", 0L));
        letters = graph.Transpose(letters, 0, 2, 1);  // (U, M, size) -> (U, size, M)
        OnnxValue activations = graph.Concatenate(1, [.. Enumerable.Range(0, FilterWidths.Length).Select(filter =>
            graph.Greatest(graph.Node("Conv", [letters, weight($"encoder.filters.{filter}.weight"), weight($"encoder.filters.{filter}.bias")]), axis: 2))]);
        activations = UsesTanh ? graph.Tanh(activations) : graph.Rectifier(activations);
        for (int highway = 0; highway < Highways; highway++)
        {
            OnnxValue transformed = graph.Rectifier(Linear(activations, $"highways.{highway}.transform"));
            OnnxValue gate = graph.Sigmoid(Linear(activations, $"highways.{highway}.carry"));
            activations = graph.Add(activations, graph.Multiply(gate, graph.Subtract(transformed, activations)));
        }

        return ProjectsFilters ? Linear(activations, "projection") : activations;

        OnnxValue Linear(OnnxValue input, string name) => graph.Linear(input, weight($"encoder.{name}.weight"), weight($"encoder.{name}.bias"));
    }

    private IEnumerable<long> Padded(int[] ids) => ids.Concat(Enumerable.Repeat(CharacterIds.Padding, MaxCharacters - ids.Length)).Select(id => (long)id);
}
