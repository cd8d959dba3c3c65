using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Elmo;

/// <summary>From the characters of tokens to their context-free vectors: filters over the characters, highway layers (Srivastava et al. 2015), a projection.</summary>
internal sealed class CharacterEncoder : Module
{
    private const int Parts = 4;
    private const int LeastPart = 32;

    private readonly ElmoArchitecture _architecture;
    private readonly Parameter characters;
    private readonly ModuleList<Conv1d> filters = [];
    private readonly ModuleList<HighwayModule> highways = [];
    private readonly Linear? projection;

    /// <summary>Makes the encoder with fresh weights, drawn from torch's process-wide generator as the published code draws them.</summary>
    public CharacterEncoder(ElmoArchitecture architecture)
        : base(nameof(CharacterEncoder))
    {
        _architecture = architecture;
        using DisposeScope scope = NewDisposeScope();  // torch's initialisers leave tensors behind; modules take theirs out of it
        using IDisposable noGradient = no_grad();
        characters = new Parameter(empty(CharacterIds.Count - 1, architecture.CharacterSize).uniform_(-1, 1).DetachFromDisposeScope());
        foreach ((int width, int count) in architecture.FilterWidths.Zip(architecture.FilterCounts))
        {
            Conv1d filter = Conv1d(architecture.CharacterSize, count, width);
            if (architecture.UsesTanh)
                init.normal_(filter.weight!, 0, Math.Sqrt(1.0 / (width * architecture.CharacterSize)));
            else
                init.uniform_(filter.weight!, -0.05, 0.05);
            init.zeros_(filter.bias!);
            filters.Add(filter);
        }

        for (int i = 0; i < architecture.Highways; i++)
            highways.Add(new HighwayModule(architecture.Filters));
        if (architecture.ProjectsFilters)
        {
            projection = Linear(architecture.Filters, architecture.ProjectionSize);
            init.normal_(projection.weight!, 0, Math.Sqrt(1.0 / architecture.Filters));
            init.zeros_(projection.bias!);
        }

        RegisterComponents();
    }

    /// <summary>Encodes tokens. Those of about one length go through the filters together, so that little of what these see is padding.</summary>
    /// <param name="tokens">U tokens, each its <see cref="CharacterIds"/> without padding.</param>
    /// <returns>(U, P).</returns>
    public Tensor Encode(IReadOnlyList<int[]> tokens)
    {
        int[] order = [.. Enumerable.Range(0, tokens.Count).OrderBy(token => tokens[token].Length)];
        long[] places = new long[order.Length];
        for (int place = 0; place < order.Length; place++)
            places[order[place]] = place;
        Device device = characters.device;
        int part = Math.Max(LeastPart, (order.Length + Parts - 1) / Parts);
        Tensor activations = cat([.. order.Chunk(part).Select(members => Filter(Pad([.. members.Select(token => tokens[token])]).to(device)))], 0);  // (U, F)
        foreach (HighwayModule highway in highways)
            activations = highway.Run(activations);
        if (projection is not null)
            activations = projection.forward(activations);
        return activations.index_select(0, tensor(places).to(device));
    }

    // (U', M') -> (U', F)
    private Tensor Filter(Tensor ids)
    {
        Tensor letters = characters.index_select(0, ids.Plus(-1L).flatten()).view(ids.shape[0], ids.shape[1], -1).transpose(1, 2);  // (U', M') -> (U', size, M')
        Tensor activations = cat([.. filters.Select(filter => filter.forward(letters).amax([2]))], 1);
        return _architecture.UsesTanh ? activations.tanh() : activations.relu();
    }

    // (U', M'), wide enough that a place of padding alone is among those that each filter sees, if there is one.
    private Tensor Pad(IReadOnlyList<int[]> tokens)
    {
        int width = Math.Min(_architecture.MaxCharacters, tokens.Max(ids => ids.Length) + _architecture.FilterWidths.Max());
        long[] padded = new long[tokens.Count * width];
        Array.Fill(padded, CharacterIds.Padding);
        for (int token = 0; token < tokens.Count; token++)
        {
            for (int place = 0; place < tokens[token].Length; place++)
                padded[(token * width) + place] = tokens[token][place];
        }

        return tensor(padded, [tokens.Count, width]);
    }
}

/// <summary>g * relu(W_t x + b_t) + (1 - g) * x with g = sigmoid(W_c x + b_c), which begins near 0.</summary>
internal sealed class HighwayModule : Module
{
    private readonly Linear transform;
    private readonly Linear carry;

    public HighwayModule(int size)
        : base(nameof(HighwayModule))
    {
        transform = Linear(size, size);
        carry = Linear(size, size);
        using IDisposable noGradient = no_grad();
        foreach (Linear linear in new[] { transform, carry })
        {
            init.normal_(linear.weight!, 0, Math.Sqrt(1.0 / size));
            init.zeros_(linear.bias!);
        }

        init.constant_(carry.bias!, -2);
        RegisterComponents();
    }

    public Tensor Run(Tensor x) => lerp(x, transform.forward(x).relu(), carry.forward(x).sigmoid());
}
