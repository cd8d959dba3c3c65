using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Room for one thread to compute with a model, used again for every text.</summary>
internal sealed class Workspace(FastTextModel model)
{
    public Utf8Text Text { get; } = new();

    public List<int> Rows { get; } = [];

    public LineTokens Tokens { get; } = new();

    public float[] Vector { get; } = new float[model.Dimension];

    public float[] Sum { get; } = new float[model.Dimension];

    public float[] Probabilities { get; } = new float[model.Dictionary.LabelCount];

    public ReadOnlySpan<int> RowSpan => CollectionsMarshal.AsSpan(Rows);
}
