using System.Buffers.Binary;
using System.Text;

namespace MLNet.Papers.Published;

/// <summary>What a file in the format ONNX says of a network: its named arrays, and what its graph does with them.</summary>
/// <remarks>
/// Exporters keep the names of tables, biases and normalizations, but not those of matrices that they have transposed. A matrix that multiplies something to
/// which then a bias X.bias is added is X.weight, with its inputs in rows; what multiplies as a Gemm is read in the same way.
/// </remarks>
internal sealed class OnnxWeights
{
    private const int Single = 1, Int64 = 7, Double = 11, Half = 10, Brain = 16;

    private readonly FileStream _file;
    private readonly Dictionary<string, PublishedArray> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _makers = new(StringComparer.Ordinal);
    private readonly List<Node> _nodes = [];
    private ILookup<string, Node>? _byKind;

    private OnnxWeights(FileStream file) => _file = file;

    /// <summary>The arrays by their names.</summary>
    public Dictionary<string, PublishedArray> Arrays { get; } = new(StringComparer.Ordinal);

    /// <summary>The nodes by their kind.</summary>
    public ILookup<string, Node> Nodes => _byKind ??= _nodes.ToLookup(node => node.Kind, StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file, which the arrays are read from later.</param>
    /// <exception cref="FormatException">The file is damaged, or keeps its numbers elsewhere.</exception>
    public static OnnxWeights Read(FileStream file)
    {
        var weights = new OnnxWeights(file);
        const int graph = 7;
        bool isThere = false;
        var model = new ProtobufMessage(file, 0, file.Length);
        while (model.Next())
        {
            if (model.Field != graph)
                continue;
            weights.ReadGraph(model.Message());
            isThere = true;
        }

        if (!isThere)
            throw new FormatException($"'{file.Name}' has no graph; the file is damaged, or no ONNX file.");
        weights.NameArrays();
        return weights;
    }

    /// <summary>The number of heads of the first attention: the last but one of the four lengths that something is given; null if none is found.</summary>
    /// <param name="size">The product of the last two.</param>
    public int? Heads(int size)
    {
        foreach (Node reshape in Nodes["Reshape"].Where(node => node.Inputs.Length > 1))
        {
            double[] shape = Lengths(reshape.Inputs[1]);
            if (shape.Length == 4 && shape[2] is >= 1 and <= int.MaxValue && (shape[2] * shape[3] == size || (shape[3] == -1 && size % shape[2] == 0)))
                return (int)shape[2];
        }

        return null;
    }

    /// <summary>What the first normalization adds to variances; null if it is not found.</summary>
    public double? Epsilon()
    {
        foreach (Node node in _nodes)
        {
            if (node is { Kind: "LayerNormalization", Epsilon: { } epsilon })
                return epsilon;
            if (node.Kind == "Add" && node.Inputs.Length == 2 && _makers.TryGetValue(node.Inputs[0], out Node? mean) && mean.Kind == "ReduceMean"
                && _constants.TryGetValue(node.Inputs[1], out double[]? added) && added.Length == 1)
            {
                return added[0];
            }
        }

        return null;
    }

    private void ReadGraph(ProtobufMessage graph)
    {
        const int node = 1, initializer = 5;
        while (graph.Next())
        {
            if (graph.Field == node)
                ReadNode(graph.Message());
            else if (graph.Field == initializer)
                ReadTensor(graph.Message(), null);
        }
    }

    private void ReadNode(ProtobufMessage message)
    {
        List<string> inputs = [], outputs = [];
        (string kind, bool isTransposed, double? epsilon) = ("", false, null);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    inputs.Add(message.Text());
                    break;
                case 2:
                    outputs.Add(message.Text());
                    break;
                case 4:
                    kind = message.Text();
                    break;
                case 5:
                    ReadAttribute(message.Message(), outputs, ref isTransposed, ref epsilon);
                    break;
            }
        }

        var node = new Node(kind, [.. inputs], isTransposed, epsilon);
        _nodes.Add(node);
        foreach (string output in outputs)
            _makers[output] = node;
    }

    private void ReadAttribute(ProtobufMessage message, List<string> outputs, ref bool isTransposed, ref double? epsilon)
    {
        string name = "";
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    name = message.Text();
                    break;
                case 2 when name == "epsilon":
                    epsilon = BitConverter.UInt32BitsToSingle((uint)message.Number());
                    break;
                case 3 when name == "transB":
                    isTransposed = message.Number() != 0;
                    break;
                case 5 when name == "value" && outputs.Count > 0:
                    ReadTensor(message.Message(), outputs[0]);
                    break;
            }
        }
    }

    // A tensor with a name of its own is an initializer, one without is what a node Constant gives.
    private void ReadTensor(ProtobufMessage message, string? constant)
    {
        List<long> shape = [];
        (string name, int type, bool isElsewhere) = ("", 0, false);
        (long Start, long End)? numbers = null;
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    shape.AddRange(message.Numbers());
                    break;
                case 2:
                    type = (int)message.Number();
                    break;
                case 4 or 9 or 10 when message.IsBytes:
                    numbers = message.Bytes();
                    break;
                case 7 when message.IsBytes:
                    Keep(constant ?? name, [.. message.Numbers().Select(number => (double)number)]);
                    break;
                case 8:
                    name = message.Text();
                    break;
                case 13:
                    isElsewhere = true;
                    break;
                case 14:
                    isElsewhere |= message.Number() == 1;
                    break;
            }
        }

        NumberKind kind = type switch
        {
            Single => NumberKind.Single,
            Double => NumberKind.Double,
            Half => NumberKind.Half,
            Brain => NumberKind.Brain,
            _ => NumberKind.Other,
        };
        if (isElsewhere)
        {
            throw new FormatException(
                $"'{_file.Name}': the numbers of '{name}' stand in another file, which is not read; have the model exported to one file.");
        }

        if (shape.Count > 16 || PublishedArray.Product([.. shape]) is not { } count)
            throw Fault(name, $"has the shape [{string.Join(", ", shape.Take(16))}], which is none");
        if (numbers is ({ } start, { } end))
        {
            if (kind != NumberKind.Other && end - start != count * PublishedArray.SizeOf(kind))
                throw Fault(name, $"has the shape [{string.Join(", ", shape)}], but {end - start} bytes");
            KeepSmall(constant ?? name, type, start, end);
            if (constant is null)
                Keep(new PublishedArray(_file.Name, name, kind, $"type {type}", [.. shape], () => FilePart.Open(_file, start)));
        }
        else if (constant is null && count > 0 && kind != NumberKind.Other)
        {
            throw Fault(name, "has no numbers");
        }
    }

    private void Keep(PublishedArray array)
    {
        if (!_initializers.TryAdd(array.Name, array))
            throw Fault(array.Name, "is there twice");
    }

    private void Keep(string name, double[] values) => _constants[name] = values;

    // Numbers that say something about the graph are few.
    private void KeepSmall(string name, int type, long start, long end)
    {
        if (end - start > 64 || type is not (Single or Int64))
            return;
        byte[] bytes = new byte[end - start];
        long position = _file.Position;
        _file.Position = start;
        _file.ReadExactly(bytes);
        _file.Position = position;
        int size = type == Single ? sizeof(float) : sizeof(long);
        Keep(name, [.. Enumerable.Range(0, bytes.Length / size).Select(i => type == Single
            ? BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * size))
            : (double)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * size)))]);
    }

    // The lengths that a value holds: what is not known is NaN.
    private double[] Lengths(string value)
    {
        if (_constants.TryGetValue(value, out double[]? known))
            return known;
        return _makers.TryGetValue(value, out Node? maker) && maker.Kind == "Concat"
            ? [.. maker.Inputs.SelectMany(input => _constants.TryGetValue(input, out double[]? part) ? part : [double.NaN])]
            : [];
    }

    private void NameArrays()
    {
        const string bias = ".bias", weight = ".weight";
        var names = new Dictionary<string, (string Name, bool IsTransposed)>(StringComparer.Ordinal);
        foreach (Node node in _nodes)
        {
            if (node.Kind == "Gemm" && node.Inputs is [_, var matrix, var shift])
                Name(matrix, shift, !node.IsTransposed);
            if (node.Kind != "Add" || node.Inputs is not [var one, var other])
                continue;
            foreach ((string product, string added) in ((string, string)[])[(one, other), (other, one)])
            {
                if (_makers.TryGetValue(product, out Node? maker) && maker is { Kind: "MatMul", Inputs: [_, var multiplier] })
                    Name(multiplier, added, isTransposed: true);
            }
        }

        foreach (PublishedArray array in _initializers.Values)
        {
            (string name, bool isTransposed) = names.GetValueOrDefault(array.Name, (array.Name, false));
            if (!Arrays.TryAdd(name, array with { Name = name, IsTransposed = isTransposed }))
                throw Fault(array.Name, $"is '{name}', by what the graph does with it, but that is there already");
        }

        void Name(string matrix, string shift, bool isTransposed)
        {
            if (shift.EndsWith(bias, StringComparison.Ordinal) && _initializers.TryGetValue(matrix, out PublishedArray? array) && array.Shape.Length == 2
                && _initializers.ContainsKey(shift))
            {
                names[matrix] = (shift[..^bias.Length] + weight, isTransposed);
            }
        }
    }

    private FormatException Fault(string name, string what) => new($"'{_file.Name}': the array '{name}' {what}; the file is damaged.");

    /// <summary>A node of the graph.</summary>
    /// <param name="Kind">What it does.</param>
    /// <param name="Inputs">The names of what it reads.</param>
    /// <param name="IsTransposed">Of a Gemm, whether its matrix has its outputs in rows.</param>
    /// <param name="Epsilon">Of a normalization, what it adds to variances.</param>
    internal sealed record Node(string Kind, string[] Inputs, bool IsTransposed, double? Epsilon);

    /// <summary>Reads the fields of a message in the encoding of Protocol Buffers. What is inside of it is passed over where nobody asks for it.</summary>
    private sealed class ProtobufMessage(FileStream file, long start, long end)
    {
        private long _next = start;
        private int _wire;
        private (long Start, long End) _bytes;
        private ulong _number;

        public int Field { get; private set; }

        public bool IsBytes => _wire == 2;

        /// <summary>Goes to the next field; false if there is none.</summary>
        public bool Next()
        {
            if (_next >= end)
                return false;
            file.Position = _next;
            ulong tag = Varint();
            (Field, _wire) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
            switch (_wire)
            {
                case 0:
                    _number = Varint();
                    break;
                case 1 or 5:
                    _number = Fixed(_wire == 1 ? 8 : 4);
                    break;
                case 2:
                    ulong length = Varint();
                    if (length > (ulong)(end - file.Position))
                        throw Damaged($"a field of {length} bytes has {end - file.Position} left");
                    _bytes = (file.Position, file.Position + (long)length);
                    file.Position = _bytes.End;
                    break;
                default:
                    throw Damaged($"a field is of the unknown kind {_wire}");
            }

            _next = file.Position;
            return true;
        }

        public ulong Number() => _wire is 0 or 1 or 5 ? _number : throw Damaged("a number is none");

        public (long Start, long End) Bytes() => IsBytes ? _bytes : throw Damaged("a part is none");

        public ProtobufMessage Message()
        {
            (long first, long last) = Bytes();
            return new(file, first, last);
        }

        public string Text()
        {
            const int longest = 1 << 16;
            (long first, long last) = Bytes();
            if (last - first > longest)
                throw Damaged($"a name has {last - first} bytes");
            byte[] bytes = new byte[last - first];
            file.Position = first;
            file.ReadExactly(bytes);
            return Encoding.UTF8.GetString(bytes);
        }

        // Whole numbers, packed or one by one.
        public List<long> Numbers()
        {
            if (!IsBytes)
                return [(long)Number()];
            const int most = 1 << 16;
            (long first, long last) = _bytes;
            if (last - first > most)
                return [];
            List<long> numbers = [];
            file.Position = first;
            while (file.Position < last)
                numbers.Add((long)Varint());
            return numbers;
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                int next = file.Position < end ? file.ReadByte() : -1;
                if (next < 0)
                    throw Damaged("a number is cut short");
                value |= (ulong)(next & 127) << shift;
                if (next < 128)
                    return value;
            }

            throw Damaged("a number is too long");
        }

        private ulong Fixed(int size)
        {
            if (end - file.Position < size)
                throw Damaged("a number is cut short");
            Span<byte> bytes = stackalloc byte[8];
            bytes.Clear();
            file.ReadExactly(bytes[..size]);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }

        private FormatException Damaged(string what) =>
            new($"'{file.Name}' is damaged, or no ONNX file: {what}, about the byte {file.Position}.");
    }
}
