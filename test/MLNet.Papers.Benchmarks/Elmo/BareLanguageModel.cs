using MLNet.Papers.Elmo;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.Elmo;

/// <summary>The same language model as one writes it in TorchSharp: a module for a cell, one for a layer, and two stacks of layers.</summary>
internal sealed class BareLanguageModel : nn.Module
{
    [ComponentName(Name = "characters")]
    private readonly Embedding _characters;

    [ComponentName(Name = "filters")]
    private readonly ModuleList<Conv1d> _filters = [];

    [ComponentName(Name = "transform")]
    private readonly Linear _transform;

    [ComponentName(Name = "carry")]
    private readonly Linear _carry;

    [ComponentName(Name = "projection")]
    private readonly Linear _projection;

    [ComponentName(Name = "forwards")]
    private readonly ModuleList<BareLstm> _forwards = [];

    [ComponentName(Name = "backwards")]
    private readonly ModuleList<BareLstm> _backwards = [];

    [ComponentName(Name = "softmax")]
    private readonly Linear _softmax;

    private readonly double _dropout;

    public BareLanguageModel(ElmoArchitecture architecture, int words, double dropout)
        : base(nameof(BareLanguageModel))
    {
        _dropout = dropout;
        _characters = nn.Embedding(CharacterIds.Count, architecture.CharacterSize);
        foreach ((int width, int count) in architecture.FilterWidths.Zip(architecture.FilterCounts))
            _filters.Add(nn.Conv1d(architecture.CharacterSize, count, width));
        _transform = nn.Linear(architecture.Filters, architecture.Filters);
        _carry = nn.Linear(architecture.Filters, architecture.Filters);
        _projection = nn.Linear(architecture.Filters, architecture.ProjectionSize);
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            _forwards.Add(new BareLstm(architecture.ProjectionSize, architecture.CellSize));
            _backwards.Add(new BareLstm(architecture.ProjectionSize, architecture.CellSize));
        }

        _softmax = nn.Linear(architecture.ProjectionSize, words);
        RegisterComponents();
    }

    public Tensor Weight => _softmax.weight!;

    public Tensor Bias => _softmax.bias!;

    /// <summary>(U, M) to (U, P).</summary>
    public Tensor Encode(Tensor ids)
    {
        Tensor letters = _characters.forward(ids).transpose(1, 2);
        Tensor x = cat([.. _filters.Select(filter => filter.forward(letters).max(2).values.relu())], 1);
        Tensor gate = _carry.forward(x).sigmoid();
        x = (gate * _transform.forward(x).relu()) + ((1 - gate) * x);
        return _projection.forward(x);
    }

    /// <summary>(T, B, P) of a direction to the top layer; the states are changed.</summary>
    public Tensor Run(Tensor window, int direction, (Tensor Hidden, Tensor Cell)[] states)
    {
        ModuleList<BareLstm> layers = direction == 0 ? _forwards : _backwards;
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

    [ComponentName(Name = "gates")]
    private readonly Linear _gates;

    [ComponentName(Name = "projection")]
    private readonly Linear _projection;


    public BareLstm(int size, int cells)
        : base(nameof(BareLstm))
    {
        _gates = nn.Linear(2 * size, 4 * cells);
        _projection = nn.Linear(cells, size, hasBias: false);
        RegisterComponents();
    }

    public (Tensor Outputs, (Tensor Hidden, Tensor Cell) State) Run(Tensor window, (Tensor Hidden, Tensor Cell) state)
    {
        (Tensor hidden, Tensor cell) = state;
        var outputs = new List<Tensor>();
        foreach (Tensor input in window.unbind(0))
        {
            Tensor[] parts = _gates.forward(cat([input, hidden], 1)).chunk(4, 1);
            cell = (((parts[1] + 1).sigmoid() * cell) + (parts[0].sigmoid() * parts[2].tanh())).clamp(-Clip, Clip);
            hidden = _projection.forward(parts[3].sigmoid() * cell.tanh()).clamp(-Clip, Clip);
            outputs.Add(hidden);
        }

        return (stack(outputs, 0), (hidden.detach(), cell.detach()));
    }
}
