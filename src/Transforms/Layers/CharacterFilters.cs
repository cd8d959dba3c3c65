using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>Filters over the characters of a token, of each the greatest value over all places: (M, 1, 1) numbers of characters become F values.</summary>
/// <remarks>
/// Kim, Jernite, Sontag and Rush, "Character-Aware Neural Language Models", AAAI 2016, arXiv:1508.06615. Characters are numbered from 1; the last number is
/// that of the padding behind a token, and 0 is read as padding. Where a filter sees padding alone it gives the same everywhere: one such place stands for all
/// of them, and tokens of about one length go through the filters together.
/// </remarks>
/// <param name="Characters">How many there are, the padding among them.</param>
/// <param name="CharacterSize">The length of a character's vector.</param>
/// <param name="Widths">How many characters each kind of filter sees.</param>
/// <param name="Counts">How many filters there are of each kind.</param>
[LayerKind(29)]
internal sealed record CharacterFilters(int Characters, int CharacterSize, int[] Widths, int[] Counts) : Layer
{
    private const int Parts = 4;
    private const int LeastPart = 32;

    /// <summary>
    /// Whether the filters' first weights have the deviation √(1 / inputs), as suits a hyperbolic tangent behind them; if not, they are uniform up to 0.05.
    /// </summary>
    [JsonIgnore]
    public bool BeginsNormal { get; init; }

    public override LayerForm Form => LayerForm.Rows;

    public override bool OwnsOutput => true;

    public override ImageShape Apply(ImageShape input) => new(Counts.Sum(), 1, 1);

    public override IEnumerable<LayerWeight> Weights(ImageShape input)
    {
        yield return new("characters", [Characters, CharacterSize], WeightUse.Kernel, CharacterSize) { First = InitialValues.Uniform(1) };
        for (int kind = 0; kind < Widths.Length; kind++)
        {
            long inputs = (long)Widths[kind] * CharacterSize;
            yield return new($"filters.{kind}.weight", [Counts[kind], CharacterSize, Widths[kind]], WeightUse.Kernel, inputs)
            {
                First = BeginsNormal ? InitialValues.Normal(Math.Sqrt(1.0 / inputs)) : InitialValues.Uniform(0.05),
            };
            yield return new($"filters.{kind}.bias", [Counts[kind]], WeightUse.Bias, inputs) { First = InitialValues.Constant(0) };
        }
    }

    public override bool Fits(ImageShape input) =>
        input is { Height: 1, Width: 1, Channels: <= 1 << 10 } && Characters is >= 1 and <= 1 << 20 && CharacterSize is >= 1 and <= 1 << 16
        && Widths is { Length: >= 1 and <= 1 << 8 } && Counts?.Length == Widths.Length
        && Widths.All(width => width >= 1 && width <= input.Channels) && Counts.All(count => count is >= 1 and <= 1 << 16);

    public override long WorkingValues(ImageShape input) => input.Values * (CharacterSize + Counts.Sum(count => (long)count));

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        using Scalar none = 0, padding = Characters;
        Tensor ids = x.detach().cpu().clamp(none, padding).to(ScalarType.Int64);
        ids = ids.masked_fill(ids.eq(none), padding);
        long[] lengths = (ids.ne(padding) * arange(1, ids.shape[1] + 1)).amax([1]).data<long>().ToArray();
        int[] order = [.. Enumerable.Range(0, lengths.Length).OrderBy(token => lengths[token])];
        long[] places = new long[order.Length];
        for (int place = 0; place < order.Length; place++)
            places[order[place]] = place;
        int part = Math.Max(LeastPart, (order.Length + Parts - 1) / Parts);
        Tensor sorted = cat([.. order.Chunk(part).Select(members =>
        {
            // Wide enough that a place of padding alone is among those that each filter sees, if there is one.
            long width = Math.Min(ids.shape[1], lengths[members[^1]] + Widths.Max());
            return Filter(ids.index_select(0, tensor(Array.ConvertAll(members, member => (long)member))).narrow(1, 0, width).to(x.device), weight);
        })], 0);
        return sorted.index_select(0, tensor(places).to(x.device));
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight)
    {
        // A missing character's 0 becomes the last one, the padding.
        OnnxValue ids = graph.Node("Clip", [graph.Convert(x, OnnxType.Int64), graph.Integers([], [0]), graph.Integers([], [Characters])]);
        ids = graph.Subtract(ids, graph.Integers(1));
        OnnxValue letters = graph.Transpose(graph.Node("Gather", [weight("characters"), ids], ("axis", 0L)), 0, 2, 1);  // (U, M, size) -> (U, size, M)
        return graph.Concatenate(1, [.. Enumerable.Range(0, Widths.Length).Select(kind =>
            graph.Greatest(graph.Node("Conv", [letters, weight($"filters.{kind}.weight"), weight($"filters.{kind}.bias")]), axis: 2))]);
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        int most = input.Channels, filters = Counts.Sum(), widest = Widths.Max();
        long padding = Widths.Zip(Counts, (width, count) => (KernelTile.Pad(count) - (long)count) * width * CharacterSize).Sum();
        plan.Add(filters, padding + (most * ((long)CharacterSize + Counts.Max(KernelTile.Pad))), () =>
        {
            float[] vectors = weight("characters");
            FusedDense[] kinds =
            [
                .. Widths.Select(
                    (width, kind) => new FusedDense(Windows(weight($"filters.{kind}.weight"), width), weight($"filters.{kind}.bias"), rectify: false)),
            ];
            return (rows, count, outputs) =>
            {
                for (int row = 0; row < count; row++)
                    Filter(rows.AsSpan(row * most, most), outputs.AsSpan(row * filters, filters));
            };

            void Filter(ReadOnlySpan<float> ids, Span<float> output)
            {
                int length = ids.Length;
                while (length > 0 && Padding(ids[length - 1]))
                    length--;
                int places = Math.Min(most, length + widest);
                using var characters = new Scratch(places * CharacterSize);
                for (int place = 0; place < places; place++)
                {
                    int id = Padding(ids[place]) ? Characters : (int)ids[place];
                    vectors.AsSpan((id - 1) * CharacterSize, CharacterSize).CopyTo(characters.Span[(place * CharacterSize)..]);
                }

                foreach ((FusedDense kind, int width) in kinds.Zip(Widths))
                {
                    int windows = Math.Min(most - width + 1, length + 1), stride = kind.OutputStride;
                    using var found = new Scratch(windows * stride);
                    kind.Run(characters.Span, CharacterSize, windows, found.Span);
                    Span<float> greatest = output[..kind.Units];
                    found.Span[..greatest.Length].CopyTo(greatest);
                    for (int window = 1; window < windows; window++)
                        TensorPrimitives.Max(greatest, found.Span.Slice(window * stride, greatest.Length), greatest);
                    output = output[greatest.Length..];
                }
            }
        });
    }

    // Numbers that are none.
    private bool Padding(float id) => !(id >= 1 && id < Characters);

    public bool Equals(CharacterFilters? other) => other is not null && (Characters, CharacterSize) == (other.Characters, other.CharacterSize)
        && Widths.SequenceEqual(other.Widths) && Counts.SequenceEqual(other.Counts);

    public override int GetHashCode() => HashCode.Combine(Characters, CharacterSize, Widths.Length);

    // (U', M') -> (U', F)
    private Tensor Filter(Tensor ids, WeightOf<Tensor> weight)
    {
        // -> (U', size, M')
        Tensor letters = weight("characters").index_select(0, ids.Plus(-1L).flatten()).view(ids.shape[0], ids.shape[1], -1).transpose(1, 2);
        return cat([.. Enumerable.Range(0, Widths.Length).Select(kind =>
            nn.functional.conv1d(letters, weight($"filters.{kind}.weight"), weight($"filters.{kind}.bias")).amax([2]))], 1);
    }

    // (filters, characters, width) -> (filters, width, characters): a window of characters, which lie one after the other, is then a row of the input.
    private float[] Windows(float[] weights, int width)
    {
        float[] windows = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            (int filter, int rest) = Math.DivRem(i, CharacterSize * width);
            (int character, int place) = Math.DivRem(rest, width);
            windows[(filter * CharacterSize * width) + (place * CharacterSize) + character] = weights[i];
        }

        return windows;
    }
}
