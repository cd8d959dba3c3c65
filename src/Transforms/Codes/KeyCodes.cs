using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Codes;

/// <summary>Codes that are keys: for each place of a grid the number of a codebook's vector, from 1.</summary>
/// <param name="codebook">The codebook.</param>
/// <param name="withVectors">Whether there is a column with the vectors of the numbers too.</param>
internal sealed class KeyCodes(Codebook codebook, bool withVectors) : ICodes
{
    private const string Quantized = "Quantized";

    public int EncodedSize => codebook.Values;

    public int LatentSize => codebook.Values;

    /// <summary>The columns where an estimator promises them.</summary>
    public static IReadOnlyList<OutputColumn> Promised(string name, int codes, bool withVectors) => Columns(name, codes, [1], 1, withVectors);

    public IReadOnlyList<OutputColumn> Columns(string name) => Columns(
        name, codebook.Size, codebook.Width > 1 ? [codebook.Height, codebook.Width] : [codebook.Height], codebook.Values, withVectors);

    public CodeBatch CreateBatch(int capacity) => new Batch(codebook, withVectors, capacity);

    public InputColumn Input(string name) => new CodeColumn(name, codebook.Size, codebook.Places);

    public RowReader CreateReader(DataViewRow row, string name) => new CodeReader(row, row.Schema[name], codebook);

    public void ToLatent(ReadOnlySpan<float> encoded, Span<float> latent)
    {
        uint[] numbers = new uint[codebook.Places];
        codebook.Nearest(encoded, numbers);
        codebook.Look(numbers, latent);
    }

    // The nearest codes of a line between what the encoder gave.
    public void ToLatentBetween(ReadOnlySpan<float> first, ReadOnlySpan<float> last, float share, Span<float> latent)
    {
        float[] between = new float[first.Length];
        for (int i = 0; i < between.Length; i++)
            between[i] = ((1 - share) * first[i]) + (share * last[i]);
        ToLatent(between, latent);
    }

    public void AddTo(OnnxGraph graph, OnnxValue encoded, OnnxValue latent, OnnxValue missing, string name)
    {
        OnnxValue nearness = graph.Add(Nearness(graph, encoded), graph.Unsqueeze(missing, 2));
        OnnxValue keys = graph.Squeeze(graph.KeyOfGreatest(nearness, axis: 2), 2);
        if (codebook.Width > 1)
            keys = graph.Reshape(keys, -1, codebook.Height, codebook.Width);
        graph.Output(name, OnnxType.UInt32, keys, [OnnxGraph.Batch, .. Grid(codebook)]);
        if (withVectors)
            graph.Output($"{name}.{Quantized}", graph.Add(latent, missing), OnnxGraph.Batch, codebook.Values);
    }

    public OnnxValue ToLatent(OnnxGraph graph, OnnxValue encoded) =>
        Look(graph, graph.Node("ArgMax", [Nearness(graph, encoded)], ("axis", 2L), ("keepdims", 0L)));

    public (OnnxValue Latent, OnnxValue Missing) InputIn(OnnxGraph graph, string name)
    {
        OnnxValue input = graph.Input(name, OnnxType.Int64, [OnnxGraph.Batch, .. Grid(codebook)]), keys = graph.Flatten(input);
        OnnxValue isMissing = graph.Convert(graph.Node("Equal", [keys, graph.Integers(0)]), OnnxType.Single);
        OnnxValue count = graph.Sum(isMissing, 1, keepsAxis: true);
        OnnxValue missing = graph.Node("Where", [graph.IsPositive(count), graph.Number(float.NaN), graph.Number(0)]);
        return (Look(graph, graph.Subtract(keys, graph.Integers(1))), missing);  // -1, which a missing key becomes, is the last vector
    }

    private static OnnxDimension[] Grid(Codebook codebook) => codebook.Width > 1 ? [codebook.Height, codebook.Width] : [codebook.Height];

    private static IReadOnlyList<OutputColumn> Columns(string name, int codes, int[] grid, int values, bool withVectors)
    {
        OutputColumn keys = new(name, new VectorDataViewType(new KeyDataViewType(typeof(uint), codes), grid));
        return withVectors ? [keys, OutputColumn.Embedding($"{name}.{Quantized}", values)] : [keys];
    }

    // 2 f·e - |e|², the greater the nearer, (B, P, K).
    private OnnxValue Nearness(OnnxGraph graph, OnnxValue encoded)
    {
        (int size, int dimension) = (codebook.Size, codebook.Dimension);
        OnnxValue vectors = graph.Transpose(graph.Reshape(encoded, 0, dimension, codebook.Places), 0, 2, 1);  // (B, P, D)
        OnnxValue doubled = graph.Weight("codebook", [size, dimension], () => Array.ConvertAll(codebook.Vectors, value => 2 * value));
        return graph.Subtract(graph.MatrixProduct(vectors, graph.Transpose(doubled, 1, 0)), graph.Weight("norms", [size], Norms));
    }

    private float[] Norms()
    {
        float[] norms = new float[codebook.Size];
        for (int i = 0; i < codebook.Vectors.Length; i++)
            norms[i / codebook.Dimension] += codebook.Vectors[i] * codebook.Vectors[i];
        return norms;
    }

    // Numbers (B, P), Int64, to their vectors (B, D · P).
    private OnnxValue Look(OnnxGraph graph, OnnxValue numbers)
    {
        OnnxValue vectors = graph.Weight("codebook", [codebook.Size, codebook.Dimension], () => codebook.Vectors);
        OnnxValue looked = graph.Node("Gather", [vectors, numbers], ("axis", 0L));  // (B, P, D)
        return graph.Flatten(graph.Transpose(looked, 0, 2, 1));
    }

    private sealed class Batch : CodeBatch
    {
        private readonly Codebook _codebook;
        private readonly VectorOutputBuffer<uint> _keys;
        private readonly VectorOutputBuffer<float>? _vectors;

        public Batch(Codebook codebook, bool withVectors, int capacity)
        {
            _codebook = codebook;
            _keys = OutputBuffer.Vector<uint>(capacity, codebook.Places);
            _vectors = withVectors ? OutputBuffer.Vector<float>(capacity, codebook.Values) : null;
        }

        public override IReadOnlyList<OutputBuffer> Buffers => _vectors is null ? [_keys] : [_keys, _vectors];

        public override void Encode(int slot, ReadOnlySpan<float> encoded, Span<float> latent)
        {
            Span<uint> keys = _keys[slot];
            _codebook.Nearest(encoded, keys);
            if (!latent.IsEmpty)
                _codebook.Look(keys, latent);
            if (_vectors is not null)
                _codebook.Look(keys, _vectors[slot]);
            foreach (ref uint key in keys)
                key++;
        }

        public override void Miss(int slot)
        {
            _keys[slot].Clear();
            _vectors?[slot].Fill(float.NaN);
        }
    }

    private sealed class CodeReader(DataViewRow row, DataViewSchema.Column column, Codebook codebook) : RowReader
    {
        private readonly ValueGetter<VBuffer<uint>> _getter = row.GetGetter<VBuffer<uint>>(column);
        private readonly uint[] _numbers = new uint[codebook.Places];
        private VBuffer<uint> _keys;

        public override void Read(Span<float> values)
        {
            _getter(ref _keys);
            InputColumns.RequireLength(column, _keys.Length, row.Position);
            _keys.CopyTo(_numbers);
            bool isMissing = false;
            foreach (ref uint number in _numbers.AsSpan())
            {
                if (number > codebook.Size)
                {
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"Column '{column.Name}' must have keys from 1 to {codebook.Size}, but has {number} in row {row.Position}."));
                }

                isMissing |= number == 0;
                number--;
            }

            if (isMissing)
                values.Fill(float.NaN);
            else
                codebook.Look(_numbers, values);
        }
    }
}

/// <summary>A column of grids of keys.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Codes">How many keys there are; null for any.</param>
/// <param name="Places">Keys of a row; null for any.</param>
internal sealed record CodeColumn(string Name, int? Codes = null, int? Places = null) : InputColumn
{
    internal override string? FindFault(ColumnType type) =>
        type.IsKey && type.RawType == typeof(uint) && type.Kind == VectorKind.Vector && type.Allows(Places) && Allows(type.Vector)
            ? null
            : FormattableString.Invariant($"a vector of {Places?.ToString(CultureInfo.InvariantCulture) ?? "some"} keys of type UInt32") +
                (Codes is null ? "" : FormattableString.Invariant($" with {Codes} values"));

    private bool Allows(VectorDataViewType? known) => Codes is null || known is null || ((KeyDataViewType)known.ItemType).Count == (ulong)Codes;
}
