using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Adversarial;

/// <summary>
/// A network that judges rows, and with each a vector: convolutions see an image, and what they give goes beside the vector into linear layers.
/// </summary>
/// <param name="Sight">The convolutions; null for rows that are no images.</param>
/// <param name="Judgement">The linear layers, which give a logit.</param>
internal sealed record DiscriminatorArchitecture(LayeredArchitecture? Sight, LayeredArchitecture Judgement)
{
    private const string SightName = "Sight", JudgementName = "Judgement";

    /// <summary>Its networks.</summary>
    public IEnumerable<LayeredArchitecture> Networks => Sight is null ? [Judgement] : [Sight, Judgement];

    /// <param name="input">What a row is.</param>
    /// <param name="seen">The convolutions, which may be none.</param>
    /// <param name="hidden">The hidden linear layers.</param>
    /// <param name="beside">The length of the vector; 0 for none.</param>
    public static DiscriminatorArchitecture Of(ImageShape input, Layer[] seen, Layer[] hidden, int beside)
    {
        LayeredArchitecture? sight = seen.Length == 0 ? null : new() { Input = input, Layers = seen };
        int size = checked((sight?.OutputSize ?? input.Size) + beside);
        return new(sight, new() { Input = new(size, 1, 1), Layers = [.. hidden, new Dense(1)] });
    }

    /// <summary>The networks by their names in a module.</summary>
    /// <param name="name">What the names begin with.</param>
    public IEnumerable<(string Name, LayeredArchitecture Network)> Named(string name) =>
        Networks.Select(network => (name + (ReferenceEquals(network, Judgement) ? JudgementName : SightName), network));

    /// <summary>The logits of rows.</summary>
    /// <param name="module">Holds the networks.</param>
    /// <param name="name">What their names begin with.</param>
    /// <param name="rows">The rows, (B, D).</param>
    /// <param name="beside">The vectors, (B, L); null for none.</param>
    /// <returns>(B, 1).</returns>
    public Tensor Judge(JointModule module, string name, Tensor rows, Tensor? beside)
    {
        Tensor seen = Sight is null ? rows : module[name + SightName].forward(rows).flatten(1);
        return module[name + JudgementName].forward(beside is null ? seen : cat([seen, beside], 1));
    }
}
