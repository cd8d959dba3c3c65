using MLNet.Papers.Elmo;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.Elmo;

/// <summary>The same language model as one writes it in TorchSharp: a module for a cell, one for a layer, and two stacks of layers.</summary>
internal sealed class BareLanguageModel : nn.Module
{
    private readonly Embedding characters;
    private readonly ModuleList<Conv1d> filters = [];
    private readonly Linear transform;
    private readonly Linear carry;
    private readonly Linear projection;
    private readonly ModuleList<BareLstm> forwards = [];
    private readonly ModuleList<BareLstm> backwards = [];
    private readonly Linear softmax;
    private readonly double _dropout;

    public BareLanguageModel(ElmoArchitecture architecture, int words, double dropout)
        : base(nameof(BareLanguageModel))
    {
        _dropout = dropout;
        characters = nn.Embedding(CharacterIds.Count, architecture.CharacterSize);
        foreach ((int width, int count) in architecture.FilterWidths.Zip(architecture.FilterCounts))
            filters.Add(nn.Conv1d(architecture.CharacterSize, count, width));
        transform = nn.Linear(architecture.Filters, architecture.Filters);
        carry = nn.Linear(architecture.Filters, architecture.Filters);
        projection = nn.Linear(architecture.Filters, architecture.ProjectionSize);
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            forwards.Add(new BareLstm(architecture.ProjectionSize, architecture.CellSize));
            backwards.Add(new BareLstm(architecture.ProjectionSize, architecture.CellSize));
        }

        softmax = nn.Linear(architecture.ProjectionSize, words);
        RegisterComponents();
    }

    public Tensor Weight => softmax.weight!;

    public Tensor Bias => softmax.bias!;

    /// <summary>(U, M) to (U, P).</summary>
    public Tensor Encode(Tensor ids)
    {
        Tensor letters = characters.forward(ids).transpose(1, 2);
        Tensor x = cat([.. filters.Select(filter => filter.forward(letters).max(2).values.relu())], 1);
        Tensor gate = carry.forward(x).sigmoid();
        x = (gate * transform.forward(x).relu()) + ((1 - gate) * x);
        return projection.forward(x);
    }

    /// <summary>(T, B, P) of a direction to the top layer; the states are changed.</summary>
    public Tensor Run(Tensor window, int direction, (Tensor Hidden, Tensor Cell)[] states)
    {
        ModuleList<BareLstm> layers = direction == 0 ? forwards : backwards;
        Tensor input = window;
        for (int layer = 0; layer < layers.Count; layer++)
        {
            Tensor dropped = nn.functional.dropout(input, _dropout, training);
            (Tensor output, states[layer]) = layers[layer].Run(dropped, states[layer]);
            input = layer > 0 ? output + dropped : output;
        }

        return nn.functional.dropout(input, _dropout, training);
    }
}

/// <summary>A layer with clipped cells and outputs.</summary>
internal sealed class BareLstm : nn.Module
{
    private const double Clip = 3;

    private readonly Linear gates;
    private readonly Linear projection;

    public BareLstm(int size, int cells)
        : base(nameof(BareLstm))
    {
        gates = nn.Linear(2 * size, 4 * cells);
        projection = nn.Linear(cells, size, hasBias: false);
        RegisterComponents();
    }

    public (Tensor Outputs, (Tensor Hidden, Tensor Cell) State) Run(Tensor window, (Tensor Hidden, Tensor Cell) state)
    {
        (Tensor hidden, Tensor cell) = state;
        var outputs = new List<Tensor>();
        foreach (Tensor input in window.unbind(0))
        {
            Tensor[] parts = gates.forward(cat([input, hidden], 1)).chunk(4, 1);
            cell = (((parts[1] + 1).sigmoid() * cell) + (parts[0].sigmoid() * parts[2].tanh())).clamp(-Clip, Clip);
            hidden = projection.forward(parts[3].sigmoid() * cell.tanh()).clamp(-Clip, Clip);
            outputs.Add(hidden);
        }

        return (stack(outputs, 0), (hidden.detach(), cell.detach()));
    }
}
