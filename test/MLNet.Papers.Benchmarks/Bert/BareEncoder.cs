using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Benchmarks.Bert;

/// <summary>A classifier over an encoder of MiniLM's shape as one writes it with TorchSharp's modules.</summary>
internal sealed class BareEncoder : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding _pieces;
    private readonly Embedding _places;
    private readonly LayerNorm _sum;
    private readonly Dropout _dropout;
    private readonly ModuleList<BareBlock> _blocks = [];
    private readonly Linear _pooler;
    private readonly Linear _head;

    public BareEncoder(int pieces, int positions, int size, int layers, int heads, int inner, int classes, double dropout)
        : base(nameof(BareEncoder))
    {
        (_pieces, _places) = (nn.Embedding(pieces, size), nn.Embedding(positions, size));
        (_sum, _dropout) = (nn.LayerNorm(size, 1e-12), nn.Dropout(dropout));
        for (int layer = 0; layer < layers; layer++)
            _blocks.Add(new BareBlock(size, heads, inner, dropout));
        (_pooler, _head) = (nn.Linear(size, size), nn.Linear(size, classes));
        RegisterComponents();
    }

    /// <summary>Logits of texts.</summary>
    /// <param name="ids">(B, T).</param>
    /// <param name="mask">(B, 1, 1, T), added to the scores.</param>
    public override Tensor forward(Tensor ids, Tensor mask)
    {
        Tensor x = _dropout.forward(_sum.forward(_pieces.forward(ids) + _places.forward(arange(ids.shape[1]))));
        foreach (BareBlock block in _blocks)
            x = block.forward(x, mask);
        return _head.forward(_dropout.forward(_pooler.forward(x.select(1, 0)).tanh()));
    }

    /// <summary>A block, whose attention drops a part as published.</summary>
    private sealed class BareBlock : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear _query;
        private readonly Linear _key;
        private readonly Linear _value;
        private readonly Linear _output;
        private readonly Linear _inner;
        private readonly Linear _outer;
        private readonly LayerNorm _first;
        private readonly LayerNorm _second;
        private readonly Dropout _dropout;
        private readonly int _heads;
        private readonly double _part;

        public BareBlock(int size, int heads, int inner, double dropout)
            : base(nameof(BareBlock))
        {
            (_query, _key, _value, _output) = (nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, size));
            (_inner, _outer, _first, _second) = (nn.Linear(size, inner), nn.Linear(inner, size), nn.LayerNorm(size, 1e-12), nn.LayerNorm(size, 1e-12));
            (_dropout, _heads, _part) = (nn.Dropout(dropout), heads, dropout);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Tensor mask)
        {
            Tensor mixed = functional.scaled_dot_product_attention(
                Split(_query.forward(x)), Split(_key.forward(x)), Split(_value.forward(x)), mask, training ? _part : 0);
            x = _first.forward(x + _dropout.forward(_output.forward(mixed.transpose(1, 2).reshape(x.shape))));
            return _second.forward(x + _dropout.forward(_outer.forward(functional.gelu(_inner.forward(x)))));

            Tensor Split(Tensor values) => values.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
        }
    }
}
