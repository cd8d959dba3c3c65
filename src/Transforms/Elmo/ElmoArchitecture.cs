using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Elmo;

/// <summary>What a bidirectional language model is built from, in the paper's section 3; saved with its weights.</summary>
internal sealed record ElmoArchitecture : INetworkArchitecture
{
    /// <summary>D: one stack reads forward, one backward.</summary>
    public const int Directions = 2;

    /// <summary>M, the most characters of a token, the two marks of its ends counted.</summary>
    public required int MaxCharacters { get; init; }

    /// <summary>The length of a character's vector.</summary>
    public required int CharacterSize { get; init; }

    /// <summary>How many characters each kind of filter sees.</summary>
    public required int[] FilterWidths { get; init; }

    /// <summary>How many filters there are of each kind.</summary>
    public required int[] FilterCounts { get; init; }

    /// <summary>Whether filters end in a hyperbolic tangent instead of a rectifier.</summary>
    public bool UsesTanh { get; init; }

    /// <summary>Highway layers behind the filters.</summary>
    public required int Highways { get; init; }

    /// <summary>P, the length of a token's vector in each direction and layer.</summary>
    public required int ProjectionSize { get; init; }

    /// <summary>C.</summary>
    public required int CellSize { get; init; }

    /// <summary>L, layers of each direction.</summary>
    public required int Layers { get; init; }

    /// <summary>Whether a layer's input is added to its output, from the second layer on.</summary>
    public bool SkipConnections { get; init; } = true;

    /// <summary>The greatest magnitude of a cell; 0 for no bound.</summary>
    public double CellClip { get; init; }

    /// <summary>The greatest magnitude of a projected output; 0 for no bound.</summary>
    public double ProjectionClip { get; init; }

    /// <summary>F, all filters together.</summary>
    [JsonIgnore]
    public int Filters => FilterCounts.Sum();

    /// <summary>2P, the length of a token's vector in one layer.</summary>
    [JsonIgnore]
    public int LayerSize => Directions * ProjectionSize;

    /// <summary>Whether the filters' outputs are projected, which they are not where there are P of them.</summary>
    [JsonIgnore]
    public bool ProjectsFilters => Filters != ProjectionSize;

    [JsonIgnore]
    int INetworkArchitecture.InputSize => MaxCharacters;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => (Layers + 1) * LayerSize;

    /// <summary>From the characters of a token, (M), to its context-free vector, (P): filters, highway layers, a projection.</summary>
    public TokenEncoder Encoder() => new(this);

    /// <summary>The LSTM layers above, each direction of which is a stack of its own.</summary>
    public RecurrentStack Stack()
    {
        var layer = new Lstm(Directions, CellSize, CellSize == ProjectionSize ? 0 : ProjectionSize, CellClip, ProjectionClip);
        return new(ProjectionSize, [.. Enumerable.Repeat(layer, Layers)], SkipConnections: SkipConnections);
    }

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights() => [.. Encoder().Describe().AllWeights(), .. Stack().AllWeights()];

    /// <summary>What the characters of a part of the tokens need, the longest piece of a text, and what kernels add to the weights.</summary>
    public long WorkingValues()
    {
        TokenEncoder encoder = Encoder();
        return (ElmoScorer.TokensOfAPart * encoder.HeldValues()) + encoder.WorkingValues() + (
            ElmoModel.MaxTokens * Stack().ValuesOfAStep()) + Stack().Layers[0].KernelValues();
    }

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
        WeightOf<OnnxValue> weight = graph.Weights(this.Weights(), weights).Invoke;
        OnnxValue batch = graph.Length(characters, 0), time = graph.Length(characters, 1), size = graph.Integers(ProjectionSize);

        // The marks before and behind a text are encoded beside its tokens.
        OnnxValue marks = graph.Integers([Directions, MaxCharacters], [.. Padded(CharacterIds.OfBegin()), .. Padded(CharacterIds.OfEnd())]);
        OnnxValue ids = graph.Concatenate(0, marks, graph.Reshape(characters, -1, MaxCharacters));
        OnnxValue vectors = Encoder().Describe().ToOnnx(graph, ids, weight);  // (2 + B * T, P)
        OnnxValue tokens = graph.Reshape(graph.Slice(vectors, axis: 0, start: Directions), graph.Concatenate(0, batch, time, size));
        tokens = graph.Transpose(tokens, 1, 0, 2);  // (T, B, P)
        OnnxValue oneMark = graph.Concatenate(0, graph.Integers(1), batch, size);
        OnnxValue[] directions = [.. new[] { tokens, Recurrent.Reverse(graph, tokens, lengths) }.Select((own, direction) =>
        {
            OnnxValue mark = graph.Expand(graph.Slice(vectors, axis: 0, start: direction, end: direction + 1), oneMark);  // (1, P) -> (1, B, P)
            return graph.Unsqueeze(graph.Concatenate(0, mark, own), 0);
        })];
        OnnxValue[] outputs = Stack().ToOnnx(graph, graph.Concatenate(0, directions), lengths, weight);  // (2, T + 1, B, P)
        return [Joined(tokens, tokens), .. outputs.Select(output =>
        {
            OnnxValue read = graph.Slice(output, axis: 1, start: 1);  // without the step of the mark
            return Joined(Direction(read, 0), Recurrent.Reverse(graph, Direction(read, 1), lengths));
        })];

        OnnxValue Direction(OnnxValue both, int direction) => graph.Squeeze(graph.Slice(both, axis: 0, start: direction, end: direction + 1), 0);

        // (T, B, P) twice -> (B, T, 2P)
        OnnxValue Joined(OnnxValue forward, OnnxValue backward) => graph.Transpose(graph.Concatenate(2, forward, backward), 1, 0, 2);
    }

    /// <summary>What is wrong with these numbers, or null: the check before anything is allocated for them.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 16, MostKinds = 1 << 8;
        if (FilterWidths is null || FilterCounts is null || FilterWidths.Length is 0 or > MostKinds || FilterWidths.Length != FilterCounts.Length)
            return "there must be as many widths as counts of filters, and at least one";
        if (MaxCharacters is < 3 or > 1 << 10)
            return $"MaxCharacters is {MaxCharacters}";
        if (FilterWidths.Any(width => width < 1 || width > MaxCharacters) || FilterCounts.Any(count => count is < 1 or > Largest))
            return $"a filter sees no characters or more than {MaxCharacters}, or there are none of it";
        if (CharacterSize is < 1 or > Largest || ProjectionSize is < 1 or > Largest || CellSize is < 1 or > Largest)
            return $"a layer has no units or too many: {CharacterSize}, {ProjectionSize}, {CellSize}";
        if (CellSize < ProjectionSize)
            return $"the cell ({CellSize}) is smaller than what it is projected to ({ProjectionSize})";
        if (Highways is < 0 or > 16 || Layers is < 1 or > 16)
            return $"there are {Highways} highways and {Layers} layers";
        return CellClip >= 0 && ProjectionClip >= 0 && double.IsFinite(CellClip)
            && double.IsFinite(ProjectionClip) ? this.FindMemoryFault() : "a clip is negative or not finite";
    }

    /// <summary>The characters of a token with its padding.</summary>
    public IEnumerable<long> Padded(int[] ids) => ids.Concat(Enumerable.Repeat(CharacterIds.Padding, MaxCharacters - ids.Length)).Select(id => (long)id);
}

/// <summary>From the characters of a token, numbered as <see cref="CharacterIds"/> says, to its context-free vector.</summary>
internal sealed record TokenEncoder(ElmoArchitecture Elmo) : LayeredNetwork
{
    public override LayerChain Describe()
    {
        var filters = new CharacterFilters(CharacterIds.Padding, Elmo.CharacterSize, Elmo.FilterWidths, Elmo.FilterCounts) { BeginsNormal = Elmo.UsesTanh };
        return new(new(Elmo.MaxCharacters, 1, 1),
        [
            ("encoder", filters),
            ("encoder.activation", Elmo.UsesTanh ? new HyperbolicTangent() : new Rectifier()),
            .. Enumerable.Range(0, Elmo.Highways).Select(i => ($"encoder.highways.{i}", (Layer)new Highway())),
            .. Elmo.ProjectsFilters ? [("encoder.projection", (Layer)new Dense(Elmo.ProjectionSize))] : Array.Empty<(string, Layer)>(),
        ])
        {
            Initialization = Initialization.Normal,
        };
    }

    public override string? FindFault() => Elmo.FindFault();
}
