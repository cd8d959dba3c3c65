using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>A block of a transformer: the places of a sequence attend to each other, and a perceptron follows at each place.</summary>
/// <remarks>
/// Vaswani et al., "Attention Is All You Need", NIPS 2017, arXiv:1706.03762, sections 3.1 to 3.3, the sums normalized after they are added:
/// <code>
/// x' = LN(x + Dropout(W_o concat_heads(Dropout(softmax(Q K^T / √d)) V) + b_o))      Q, K, V = W x + b, d = H / heads
/// y  = LN(x' + Dropout(W_2 gelu(W_1 x' + b_1) + b_2))
/// </code>
/// The weights have the names of published encoders.
/// </remarks>
/// <param name="Size">H, the length of a place's vector.</param>
/// <param name="Heads">How many mixes there are, each of H / Heads values; divides H.</param>
/// <param name="InnerSize">Units of the perceptron.</param>
/// <param name="Activation">What comes between its layers.</param>
/// <param name="Epsilon">Is added to the variances.</param>
internal sealed record TransformerBlock(int Size, int Heads, int InnerSize, Gelu Activation, double Epsilon)
{
    /// <summary>What is added to the score of a place that is not there: e to its power is 0, and where no place is there nothing divides by 0.</summary>
    public const float Absent = -10_000;

    private const string Query = "attention.self.query", Key = "attention.self.key", Value = "attention.self.value";
    private const string Output = "attention.output.dense", AttentionSum = "attention.output.LayerNorm";
    private const string Inner = "intermediate.dense", Outer = "output.dense", Sum = "output.LayerNorm";

    /// <summary>The weights, (outputs, inputs) where they are matrices.</summary>
    public IEnumerable<LayerWeight> AllWeights() =>
        [
            .. Linear(Query, Size, Size), .. Linear(Key, Size, Size), .. Linear(Value, Size, Size), .. Linear(Output, Size, Size),
            .. Normalization(AttentionSum, Size), .. Linear(Inner, Size, InnerSize), .. Linear(Outer, InnerSize, Size, Size), .. Normalization(Sum, Size),
        ];

    /// <summary>The weights of a linear layer, as transformers begin: from a normal distribution within two deviations, and biases of 0.</summary>
    /// <param name="name">What their names begin with.</param>
    /// <param name="inputs">Values that the layer reads.</param>
    /// <param name="outputs">Values that it gives.</param>
    /// <param name="size">H, the values of a place; null where they are what the layer reads.</param>
    /// <remarks>
    /// The deviation is 0.02 as published, for places of 768 values and more. Those of fewer begin with wider weights: with 0.02 and 128 values a block hands
    /// on so little of what it reads of other places that it takes thousands of steps until a place knows of them.
    /// </remarks>
    public static IEnumerable<LayerWeight> Linear(string name, int inputs, int outputs, int? size = null) =>
        LayerWeight.KernelAndBias([outputs, inputs], outputs).Select(weight => weight with
        {
            Name = $"{name}.{weight.Name}",
            First = weight.Use == WeightUse.Kernel
                ? InitialValues.TruncatedNormal(0.02 * Math.Sqrt(Math.Max(1, 768.0 / (size ?? inputs))))
                : InitialValues.Constant(0),
        });

    /// <summary>The weights of a normalization.</summary>
    public static IEnumerable<LayerWeight> Normalization(string name, int size) =>
        [new($"{name}.weight", [size], WeightUse.Gain), new($"{name}.bias", [size], WeightUse.Shift)];

    /// <summary>Runs the block in torch.</summary>
    /// <param name="x">(B, T, H).</param>
    /// <param name="absent">(B, 1, 1, T): <see cref="Absent"/> for places that are not there, 0 elsewhere; null where all are there.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="dropout">What is dropped of the attention and of what is added.</param>
    /// <returns>(B, T, H).</returns>
    public Tensor Run(Tensor x, Tensor? absent, WeightOf<Tensor> weight, DropoutNoise dropout = default)
    {
        Tensor attended = Normalized(x + dropout.Apply(Linear(Attend(x, absent, weight, dropout), Output, weight)), AttentionSum, weight);
        Tensor inner = Activation.Run(Linear(attended, Inner, weight));
        return Normalized(attended + dropout.Apply(Linear(inner, Outer, weight)), Sum, weight);
    }

    /// <summary>A linear layer in torch.</summary>
    public static Tensor Linear(Tensor x, string name, WeightOf<Tensor> weight) => nn.functional.linear(x, weight($"{name}.weight"), weight($"{name}.bias"));

    private Tensor Normalized(Tensor x, string name, WeightOf<Tensor> weight) =>
        nn.functional.layer_norm(x, [Size], weight($"{name}.weight"), weight($"{name}.bias"), Epsilon);

    // (B, T, H)
    private Tensor Attend(Tensor x, Tensor? absent, WeightOf<Tensor> weight, DropoutNoise dropout)
    {
        long places = x.shape[1];
        Tensor query = Split(Query), key = Split(Key), value = Split(Value), mixed;
        if (dropout.Drops)
        {
            using Scalar scale = 1 / Math.Sqrt(Size / Heads);
            Tensor scores = query.mul(scale).matmul(key.transpose(2, 3));
            mixed = dropout.Apply((absent is null ? scores : scores + absent).softmax(-1)).matmul(value);
        }
        else
        {
            mixed = nn.functional.scaled_dot_product_attention(query, key, value, absent);
        }

        return mixed.transpose(1, 2).reshape(-1, places, Size);

        // (B, heads, T, d)
        Tensor Split(string name) => Linear(x, name, weight).view(-1, places, Heads, Size / Heads).transpose(1, 2);
    }

    /// <summary>Adds the block to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">(B, T, H).</param>
    /// <param name="absent">(B, 1, 1, T): <see cref="Absent"/> for places that are not there, 0 elsewhere.</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, T, H).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, OnnxValue absent, WeightOf<OnnxValue> weight)
    {
        int size = Size / Heads;
        OnnxValue query = graph.Transpose(Split(Query), 0, 2, 1, 3), key = graph.Transpose(Split(Key), 0, 2, 3, 1);
        OnnxValue scores = graph.Multiply(graph.MatrixProduct(query, key), graph.Number(1 / MathF.Sqrt(size)));
        OnnxValue mixed = graph.MatrixProduct(graph.Softmax(graph.Add(scores, absent)), graph.Transpose(Split(Value), 0, 2, 1, 3));
        OnnxValue joined = graph.Reshape(graph.Transpose(mixed, 0, 2, 1, 3), 0, 0, Size);
        OnnxValue attended = Normalized(graph, graph.Add(x, Linear(graph, joined, Output, weight)), AttentionSum, weight, Epsilon);
        OnnxValue inner = Activation.Run(graph, Linear(graph, attended, Inner, weight));
        return Normalized(graph, graph.Add(attended, Linear(graph, inner, Outer, weight)), Sum, weight, Epsilon);

        OnnxValue Split(string name) => graph.Reshape(Linear(graph, x, name, weight), 0, 0, Heads, size);
    }

    /// <summary>A linear layer of the last axis in a graph.</summary>
    public static OnnxValue Linear(OnnxGraph graph, OnnxValue x, string name, WeightOf<OnnxValue> weight) =>
        graph.Add(graph.MatrixProduct(x, graph.Transpose(weight($"{name}.weight"), 1, 0)), weight($"{name}.bias"));

    /// <summary>A normalization of the last axis in a graph.</summary>
    public static OnnxValue Normalized(OnnxGraph graph, OnnxValue x, string name, WeightOf<OnnxValue> weight, double epsilon) =>
        graph.Node("LayerNormalization", [x, weight($"{name}.weight"), weight($"{name}.bias")], ("axis", -1L), ("epsilon", (float)epsilon));

    /// <summary>What computes the block on a CPU.</summary>
    public BlockKernel Kernel(WeightOf<float[]> weight) => new(this, weight);

    /// <summary>
    /// The form that scores on a CPU. Immutable. Sequences of any lengths stand one behind the other as rows, and what becomes of one does not depend on the
    /// others. The work is cut where threads can share it: into the steps of <see cref="Step"/>, each of which needs all of the one before it, and these into
    /// parts.
    /// </summary>
    internal sealed class BlockKernel
    {
        /// <summary>How many steps there are.</summary>
        public const int Steps = 7;

        private readonly TransformerBlock _block;
        private readonly FusedDense _project;
        private readonly FusedDense _output;
        private readonly FusedDense _inner;
        private readonly FusedDense _outer;
        private readonly float[][] _attentionSum;
        private readonly float[][] _sum;

        public BlockKernel(TransformerBlock block, WeightOf<float[]> weight)
        {
            _block = block;
            // The queries are scaled here, once.
            float scale = 1 / MathF.Sqrt(block.Size / block.Heads);
            _project = Dense([.. Scaled(Query + ".weight"), .. weight(Key + ".weight"), .. weight(Value + ".weight")],
                [.. Scaled(Query + ".bias"), .. weight(Key + ".bias"), .. weight(Value + ".bias")]);
            (_output, _inner, _outer) = (Own(Output), Own(Inner), Own(Outer));
            (_attentionSum, _sum) = (Pair(AttentionSum), Pair(Sum));

            float[] Scaled(string name) => Array.ConvertAll(weight(name), value => value * scale);

            FusedDense Own(string name) => Dense(weight($"{name}.weight"), weight($"{name}.bias"));

            FusedDense Dense(float[] weights, float[] biases) => new(weights, biases, rectify: false);

            float[][] Pair(string name) => [weight($"{name}.weight"), weight($"{name}.bias")];
        }

        /// <summary>How many parts a step is cut into.</summary>
        /// <param name="step">The step.</param>
        /// <param name="rows">The rows.</param>
        /// <param name="firstOnly">As for <see cref="Step"/>.</param>
        /// <param name="wanted">How many parts there may be.</param>
        public int Parts(int step, BlockRows rows, bool firstOnly, int wanted) => Math.Clamp(step switch
        {
            0 => _project.OutputStride / KernelTile.Width,
            1 => rows.Sequences * _block.Heads,
            2 or 5 => _output.OutputStride / KernelTile.Width,
            4 => _inner.OutputStride / KernelTile.Width,
            _ => rows.Count(firstOnly),
        }, 1, wanted);

        /// <summary>Does a part of a step.</summary>
        /// <param name="step">The step.</param>
        /// <param name="part">The part.</param>
        /// <param name="parts">How many there are.</param>
        /// <param name="rows">The rows, and room for what becomes of them.</param>
        /// <param name="x">H values a row.</param>
        /// <param name="y">Receives H values a row, or a sequence.</param>
        /// <param name="firstOnly">Whether of each sequence the first place alone is computed, after the first step.</param>
        public void Step(int step, int part, int parts, BlockRows rows, float[] x, float[] y, bool firstOnly)
        {
            int size = _block.Size, count = rows.Count(firstOnly);
            switch (step)
            {
                case 0:
                    Multiply(_project, x, size, rows.Projected, rows.Rows);
                    break;
                case 1:
                    Attend(rows, Range(rows.Sequences * _block.Heads), firstOnly);
                    break;
                case 2:
                    Multiply(_output, rows.Mixed, size, rows.Sums, count);
                    break;
                case 3:
                    Normalize(x, areAll: true, rows.Mixed, _attentionSum);
                    break;
                case 4:
                    Multiply(_inner, rows.Mixed, size, rows.Inner, count, _block.Activation);
                    break;
                case 5:
                    Multiply(_outer, rows.Inner, _inner.OutputStride, rows.Sums, count);
                    break;
                default:
                    Normalize(rows.Mixed, areAll: false, y, _sum);
                    break;
            }

            (int First, int End) Range(int items) => ((int)((long)items * part / parts), (int)((long)items * (part + 1) / parts));

            // The activation follows while a few tiles of units are still in the cache.
            void Multiply(FusedDense dense, float[] input, int stride, float[] output, int inputs, Gelu? activation = null)
            {
                const int TilesAtOnce = 8;
                (int tile, int end) = Range(dense.OutputStride / KernelTile.Width);
                while (tile < end)
                {
                    int next = activation is null ? end : Math.Min(end, tile + TilesAtOnce), first = tile * KernelTile.Width, last = next * KernelTile.Width;
                    dense.Run(input, stride, inputs, output, first, last);
                    for (int row = 0; row < inputs && activation is not null; row++)
                    {
                        Span<float> units = output.AsSpan((row * dense.OutputStride) + first, last - first);
                        activation.Run(units, units);
                    }

                    tile = next;
                }
            }

            void Normalize(float[] values, bool areAll, float[] output, float[][] weights)
            {
                (int first, int end) = Range(count);
                int stride = _output.OutputStride;
                for (int row = first; row < end; row++)
                {
                    int source = firstOnly && areAll ? rows.Start(row) : row;
                    FusedNormalization.Rows(
                        values.AsSpan(source * size, size), rows.Sums.AsSpan(row * stride, size), stride, output.AsSpan(row * size, size), weights[0],
                        weights[1], (float)_block.Epsilon);
                }
            }
        }

        private void Attend(BlockRows rows, (int First, int End) range, bool firstOnly)
        {
            int size = _block.Size / _block.Heads, stride = _project.OutputStride;
            for (int item = range.First; item < range.End; item++)
            {
                (int sequence, int head) = Math.DivRem(item, _block.Heads);
                int first = rows.Start(sequence), places = rows.Start(sequence + 1) - first, query = head * size;
                using var working = new Scratch(checked((int)RowAttention.WorkingValues(places, size)));
                RowAttention.Run(
                    rows.Projected.AsSpan(first * stride, places * stride), stride, query, _block.Size + query, (2 * _block.Size) + query, places,
                    firstOnly ? 1 : places, size, rows.Mixed.AsSpan(((firstOnly ? sequence : first) * _block.Size) + query), _block.Size, working.Span);
            }
        }
    }

    /// <summary>Rows of sequences one behind the other, and room for what blocks of one shape make of them; memory is kept from use to use.</summary>
    internal sealed class BlockRows(TransformerBlock block)
    {
        private readonly List<int> _starts = [0];

        /// <summary>How many sequences there are.</summary>
        public int Sequences => _starts.Count - 1;

        /// <summary>The rows of all of them.</summary>
        public int Rows => _starts[^1];

        /// <summary>Queries, keys and values of each row.</summary>
        public float[] Projected { get; private set; } = [];

        /// <summary>What the attention gives, and then the sum with it.</summary>
        public float[] Mixed { get; private set; } = [];

        /// <summary>The units of the perceptron.</summary>
        public float[] Inner { get; private set; } = [];

        /// <summary>What is added to a row.</summary>
        public float[] Sums { get; private set; } = [];

        /// <summary>How many places are computed.</summary>
        public int Count(bool firstOnly) => firstOnly ? Sequences : Rows;

        /// <summary>Where a sequence begins; for the number behind the last one, where that ends.</summary>
        public int Start(int sequence) => _starts[sequence];

        /// <summary>Forgets the sequences.</summary>
        public void Clear() => _starts.RemoveRange(1, _starts.Count - 1);

        /// <summary>Adds a sequence.</summary>
        public void Add(int places) => _starts.Add(checked(Rows + places));

        /// <summary>Makes room for them.</summary>
        public void MakeRoom()
        {
            Projected = Room(Projected, KernelTile.Pad(3 * block.Size));
            Mixed = Room(Mixed, block.Size);
            Inner = Room(Inner, KernelTile.Pad(block.InnerSize));
            Sums = Room(Sums, KernelTile.Pad(block.Size));
        }

        /// <summary>Room for some values a row: what there is if it is large enough.</summary>
        public float[] Room(float[] values, int width)
        {
            int length = checked(Rows * width);
            return values.Length >= length ? values : new float[length];
        }
    }
}
