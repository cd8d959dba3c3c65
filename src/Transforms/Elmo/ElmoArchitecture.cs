using System.Text.Json.Serialization;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Elmo;

/// <summary>What a bidirectional language model is built from, in the paper's section 3; saved with its weights.</summary>
internal sealed partial record ElmoArchitecture : INetworkArchitecture
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

    /// <summary>The shape of every LSTM layer: they are alike.</summary>
    public LstmShape Lstm() => new(Directions, ProjectionSize, CellSize, ProjectionSize, CellClip, ProjectionClip);

    /// <summary>Values that a token needs while its text is in the network: all layers, the window of a layer's inputs and that of its outputs.</summary>
    [JsonIgnore]
    public long ValuesOfAToken => (Layers + 2L) * LayerSize;

    /// <summary>What the characters of a part of the tokens need, the longest piece of a text, and what kernels add to the weights.</summary>
    public long WorkingValues()
    {
        long filters = FilterCounts.Sum(count => (long)KernelTile.Pad(count));
        long characters = ((long)MaxCharacters * CharacterSize) + ((long)MaxCharacters * FilterCounts.Max(KernelTile.Pad));
        long encoded = FusedCharacterEncoder.TokensOfAPart * ((3 * filters) + KernelTile.Pad(ProjectionSize));
        long padding = FilterWidths.Zip(FilterCounts, (width, count) => (KernelTile.Pad(count) - (long)count) * width * CharacterSize).Sum();
        return characters + encoded + padding + (ElmoModel.MaxTokens * ValuesOfAToken) + FusedLstm.WorkingValues(Lstm());
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, long[] Shape)> Weights()
    {
        yield return ("encoder.characters", [CharacterIds.Count - 1, CharacterSize]);
        for (int i = 0; i < FilterWidths.Length; i++)
        {
            yield return ($"encoder.filters.{i}.weight", [FilterCounts[i], CharacterSize, FilterWidths[i]]);
            yield return ($"encoder.filters.{i}.bias", [FilterCounts[i]]);
        }

        for (int i = 0; i < Highways; i++)
        {
            foreach (string part in new[] { "transform", "carry" })
            {
                yield return ($"encoder.highways.{i}.{part}.weight", [Filters, Filters]);
                yield return ($"encoder.highways.{i}.{part}.bias", [Filters]);
            }
        }

        if (ProjectsFilters)
        {
            yield return ("encoder.projection.weight", [ProjectionSize, Filters]);
            yield return ("encoder.projection.bias", [ProjectionSize]);
        }

        for (int layer = 0; layer < Layers; layer++)
        {
            foreach ((string name, long[] shape) in Lstm().Weights())
                yield return ($"layers.{layer}.{name}", shape);
        }
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
        return CellClip >= 0 && ProjectionClip >= 0 && double.IsFinite(CellClip) && double.IsFinite(ProjectionClip) ? this.FindMemoryFault() : "a clip is negative or not finite";
    }
}
