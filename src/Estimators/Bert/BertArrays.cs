using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Published;

namespace MLNet.Papers.Bert;

/// <summary>The arrays of a published encoder by the names that they have here.</summary>
internal sealed partial class BertArrays
{
    // What predicts hidden pieces, and the matrix of its outputs, which should be the table of pieces.
    private const string Predicting = "cls.predictions.", Outputs = "decoder.weight";

    private readonly string _path;
    private readonly Dictionary<string, PublishedArray> _arrays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PublishedArray> _predicting = new(StringComparer.Ordinal);

    /// <param name="path">The file, for messages.</param>
    /// <param name="arrays">Its arrays.</param>
    /// <exception cref="FormatException">They are of no such encoder.</exception>
    public BertArrays(string path, Dictionary<string, PublishedArray> arrays)
    {
        _path = path;
        string[] prefixes = [.. arrays.Keys.Where(name => name.EndsWith(BertArchitecture.Words, StringComparison.Ordinal))
            .Select(name => name[..^BertArchitecture.Words.Length])];
        if (prefixes.Length != 1)
        {
            string some = string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal).Take(5).Select(name => $"'{name}'"));
            throw new FormatException(prefixes.Length > 1
                ? $"'{path}' has {prefixes.Length} encoders: their arrays begin with {string.Join(", ", prefixes.Select(prefix => $"'{prefix}'"))}."
                : $"'{path}' has no '{BertArchitecture.Words}', as an encoder of BERT's kind has; " +
                    $"it has {arrays.Count} arrays{(some.Length > 0 ? ": " : "")}{some}" +
                    $"{(arrays.Count > 5 ? " and others" : "")}.");
        }

        foreach ((string name, PublishedArray array) in arrays)
        {
            if (name.StartsWith(Predicting, StringComparison.Ordinal))
                Add(_predicting, name[Predicting.Length..], array);
            else if (name.StartsWith(prefixes[0], StringComparison.Ordinal) && IsOfEncoder(name[prefixes[0].Length..]))
                Add(_arrays, name[prefixes[0].Length..], array);
        }

        void Add(Dictionary<string, PublishedArray> known, string name, PublishedArray array)
        {
            string own = OldNormalization().Replace(name, match => match.Groups[1].Value + (match.Groups[2].Value == "gamma" ? "weight" : "bias"));
            if (!known.TryAdd(own, array))
                throw new FormatException($"'{path}' has '{array.Name}' twice, once under the name '{known[own].Name}'.");
        }
    }

    /// <summary>The network that the arrays belong to.</summary>
    /// <param name="settings">What the files beside it say.</param>
    /// <param name="options">What the user says.</param>
    /// <param name="graph">What its own graph says, if it has one.</param>
    /// <exception cref="FormatException">An array is missing, or there is none such network.</exception>
    public BertArchitecture Architecture(BertSettings settings, PublishedBertOptions options, OnnxWeights? graph)
    {
        long[] words = Matrix(BertArchitecture.Words), places = Matrix(BertArchitecture.Places), kinds = Matrix(BertArchitecture.Kinds);
        int layers = 0;
        while (_arrays.Keys.Any(name => name.StartsWith($"encoder.layer.{layers}.", StringComparison.Ordinal)))
            layers++;
        if (layers == 0)
            throw new FormatException($"'{_path}' has no array whose name begins with 'encoder.layer.0.'.");
        long[] inner = Matrix("encoder.layer.0.intermediate.dense.weight");
        int size = Length(words[1], "hidden_size");
        int heads = options.Heads ?? settings.Heads ?? graph?.Heads(size) ?? throw new FormatException(
            $"Nothing says how many heads the attention of '{_path}' has: " +
            $"put its config.json beside it, or set {nameof(PublishedBertOptions)}.{nameof(options.Heads)}.");
        bool isByTanh = graph is not null && !graph.Nodes.Contains("Erf") && !graph.Nodes.Contains("Gelu") && graph.Nodes["Tanh"].Count() >= layers;
        var architecture = new BertArchitecture
        {
            Pieces = Length(words[0], "vocab_size"),
            Positions = Length(places[0], "max_position_embeddings"),
            Segments = Length(kinds[0], "type_vocab_size"),
            HiddenSize = size,
            Layers = layers,
            Heads = heads,
            InnerSize = Length(inner[0], "intermediate_size"),
            Gelu = options.Gelu ?? settings.Gelu ?? (isByTanh ? BertGelu.Tanh : BertGelu.Erf),
            Epsilon = options.Epsilon ?? settings.Epsilon ?? graph?.Epsilon() ?? 1e-12,
            HasPooler = _arrays.ContainsKey($"{BertArchitecture.Pooler}.weight"),
        };
        if (settings.Layers is { } said && said != layers)
            throw Contradiction("num_hidden_layers", said, layers);
        return architecture.FindFault() is { } fault ? throw new FormatException($"'{_path}' describes no network: {fault}.") : architecture;

        int Length(long dimension, string field)
        {
            if (settings.Number(field) is { } said && said != dimension)
                throw Contradiction(field, said, dimension);
            return (int)dimension;
        }

        FormatException Contradiction(string field, long said, long found) =>
            new($"'{settings.ConfigPath}' says {field} = {said}, but '{_path}' has {found.ToString(CultureInfo.InvariantCulture)}.");
    }

    /// <summary>What predicts hidden pieces; null where a part of it is not there, or its outputs have a table of their own.</summary>
    /// <exception cref="FormatException">An array is of another shape, or has a number that is not finite; it is named.</exception>
    public MaskedWordHead? Head(BertArchitecture encoder)
    {
        var architecture = MaskedWordArchitecture.Of(encoder);
        LayerWeight[] weights = [.. architecture.AllWeights()];
        if (weights.Any(weight => !_predicting.ContainsKey(weight.Name)))
            return null;
        if (weights.FirstOrDefault(weight => !_predicting[weight.Name].TrueShape.AsSpan().SequenceEqual(weight.Shape)) is { } other)
        {
            PublishedArray array = _predicting[other.Name];
            throw new FormatException(
                $"'{_path}': '{array.Name}' has the shape [{string.Join(", ", array.TrueShape)}], but must have [{string.Join(", ", other.Shape)}].");
        }

        if (_predicting.TryGetValue(Outputs, out PublishedArray? table) && !table.Read().AsSpan().SequenceEqual(_arrays[BertArchitecture.Words].Read()))
            return null;
        return new(architecture, NetworkWeights.Of(
            architecture, weights.ToDictionary(weight => weight.Name, weight => _predicting[weight.Name].Read(), StringComparer.Ordinal)));
    }

    /// <summary>The weights of the network.</summary>
    /// <exception cref="FormatException">
    /// An array is missing, of another shape or kind, superfluous, or has a number that is not finite; it is named.
    /// </exception>
    public NetworkWeights Weights(BertArchitecture architecture)
    {
        var shapes = architecture.Weights().ToDictionary(weight => weight.Name, weight => weight.Shape, StringComparer.Ordinal);
        if (shapes.Keys.FirstOrDefault(name => !_arrays.ContainsKey(name)) is { } missing)
            throw new FormatException($"'{_path}' has no '{missing}', which must be there with the shape [{string.Join(", ", shapes[missing])}].");
        foreach ((string name, PublishedArray array) in _arrays)
        {
            string known = array.Name == name ? $"'{name}'" : $"'{array.Name}' ('{name}')";
            if (!shapes.TryGetValue(name, out long[]? shape))
                throw new FormatException($"'{_path}' has {known} with the shape [{string.Join(", ", array.TrueShape)}], which no encoder of BERT's kind has.");
            if (!array.TrueShape.AsSpan().SequenceEqual(shape))
            {
                throw new FormatException(
                    $"'{_path}': {known} has the shape [{string.Join(", ", array.TrueShape)}], but must have [{string.Join(", ", shape)}].");
            }
        }

        return NetworkWeights.Of(architecture, _arrays.ToDictionary(array => array.Key, array => array.Value.Read(), StringComparer.Ordinal));
    }

    // Not what belongs to the heads of a task, nor the numbers of positions, which some files have as an array.
    private static bool IsOfEncoder(string name) =>
        (name.StartsWith("embeddings.", StringComparison.Ordinal) || name.StartsWith("encoder.", StringComparison.Ordinal)
            || name.StartsWith("pooler.", StringComparison.Ordinal))
        && name is not ("embeddings.position_ids" or "embeddings.token_type_ids");

    [GeneratedRegex(@"^(.*LayerNorm\.)(gamma|beta)$", RegexOptions.CultureInvariant)]
    private static partial Regex OldNormalization();

    private long[] Matrix(string name)
    {
        if (!_arrays.TryGetValue(name, out PublishedArray? array))
            throw new FormatException($"'{_path}' has no '{name}'.");
        return array.Shape.Length == 2 && array.Shape.All(dimension => dimension is >= 1 and <= int.MaxValue)
            ? array.TrueShape
            : throw new FormatException($"'{_path}': '{name}' has the shape [{string.Join(", ", array.Shape)}], but must be a matrix.");
    }
}
