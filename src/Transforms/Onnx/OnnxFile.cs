using Google.Protobuf;

namespace MLNet.Papers.Onnx;

/// <summary>A graph as a file of the ONNX format, which is a protocol buffer. The weights are written one after the other, none of them twice in
/// memory.</summary>
internal sealed class OnnxFile
{
    /// <summary>The version of the operators: the one of ONNX 1.7, of 2020, which is also the one that ML.NET's converter writes for whole chains.</summary>
    public const int OperatorSet = 12;

    /// <summary>The most bytes of a protocol buffer.</summary>
    public const long MostBytes = int.MaxValue;

    private const int FormatVersion = 7;

    // The numbers of the fields, by the messages of the format.
    private const int ModelVersion = 1;
    private const int ModelProducer = 2;
    private const int ModelGraph = 7;
    private const int ModelOperatorSets = 8;
    private const int OperatorSetVersion = 2;
    private const int GraphNodes = 1;
    private const int GraphName = 2;
    private const int GraphConstants = 5;
    private const int GraphInputs = 11;
    private const int GraphOutputs = 12;
    private const int NodeInputs = 1;
    private const int NodeOutputs = 2;
    private const int NodeName = 3;
    private const int NodeOperator = 4;
    private const int NodeAttributes = 5;
    private const int AttributeName = 1;
    private const int AttributeSingle = 2;
    private const int AttributeInteger = 3;
    private const int AttributeText = 4;
    private const int AttributeGraph = 6;
    private const int AttributeIntegers = 8;
    private const int AttributeType = 20;
    private const int PortName = 1;
    private const int PortType = 2;
    private const int TypeTensor = 1;
    private const int TensorTypeElement = 1;
    private const int TensorTypeShape = 2;
    private const int ShapeDimensions = 1;
    private const int DimensionLength = 1;
    private const int DimensionName = 2;
    private const int TensorShape = 1;
    private const int TensorType = 2;
    private const int TensorName = 8;
    private const int TensorBytes = 9;

    private readonly OnnxGraph _graph;
    private readonly byte[] _head;
    private readonly byte[] _graphHead;
    private readonly byte[][] _constantHeads;
    private readonly long _graphSize;

    /// <param name="graph">What the file holds.</param>
    /// <exception cref="InvalidOperationException">It would be larger than the format allows.</exception>
    public OnnxFile(OnnxGraph graph)
    {
        _graph = graph;
        _head = Message(output =>
        {
            Write(output, ModelVersion, FormatVersion);
            Write(output, ModelProducer, "MLNet.Papers");
            Write(output, ModelOperatorSets, Message(set => Write(set, OperatorSetVersion, OperatorSet)));
        });
        _graphHead = GraphHead(graph);
        _constantHeads = [.. graph.Constants.Select(ConstantHead)];
        _graphSize = _graphHead.Length + graph.Constants.Zip(_constantHeads, (constant, head) => FieldSize(ConstantSize(constant, head))).Sum();
        Size = _head.Length + FieldSize(_graphSize);
        if (Size > MostBytes)
        {
            string limit = FormattableString.Invariant($"would have {Size} bytes, but a file of this format can have at most {MostBytes} (2 GiB)");
            throw new InvalidOperationException($"As ONNX the model {limit}. Save it as an ML.NET model, or fit a smaller network.");
        }
    }

    /// <summary>How many bytes the file has.</summary>
    public long Size { get; }

    /// <summary>Writes the file.</summary>
    public void Write(Stream stream)
    {
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        stream.Write(_head);
        WriteLength(output, ModelGraph, _graphSize);
        output.Flush();
        stream.Write(_graphHead);
        for (int i = 0; i < _constantHeads.Length; i++)
        {
            OnnxTensor constant = _graph.Constants[i];
            WriteLength(output, GraphConstants, ConstantSize(constant, _constantHeads[i]));
            output.Flush();
            stream.Write(_constantHeads[i]);
            WriteLength(output, TensorBytes, constant.Bytes);
            output.Flush();
            constant.WriteTo(stream);
        }
    }

    // All of a graph but its constants.
    private static byte[] GraphHead(OnnxGraph graph) => Message(output =>
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
            Write(output, GraphNodes, NodeMessage(graph.Nodes[i], i));
        Write(output, GraphName, "network");
        foreach (OnnxPort port in graph.Inputs)
            Write(output, GraphInputs, PortMessage(port));
        foreach (OnnxPort port in graph.Outputs)
            Write(output, GraphOutputs, PortMessage(port));
    });

    private static byte[] NodeMessage(OnnxNode node, int number) => Message(output =>
    {
        foreach (string input in node.Inputs)
            Write(output, NodeInputs, input);
        foreach (string result in node.Outputs)
            Write(output, NodeOutputs, result);
        Write(output, NodeName, FormattableString.Invariant($"{node.Operator} {number}"));
        Write(output, NodeOperator, node.Operator);
        foreach ((string name, object value) in node.Attributes)
            Write(output, NodeAttributes, AttributeMessage(name, value));
    });

    private static byte[] AttributeMessage(string name, object value) => Message(output =>
    {
        const int SingleKind = 1, IntegerKind = 2, TextKind = 3, GraphKind = 5, IntegersKind = 7;
        Write(output, AttributeName, name);
        int kind;
        switch (value)
        {
            case float number:
                output.WriteTag(AttributeSingle, WireFormat.WireType.Fixed32);
                output.WriteFloat(number);
                kind = SingleKind;
                break;
            case long number:
                Write(output, AttributeInteger, number);
                kind = IntegerKind;
                break;
            case string text:
                Write(output, AttributeText, text);
                kind = TextKind;
                break;
            case OnnxGraph graph:
                Write(output, AttributeGraph, GraphHead(graph));
                kind = GraphKind;
                break;
            case long[] numbers:
                foreach (long number in numbers)
                    Write(output, AttributeIntegers, number);
                kind = IntegersKind;
                break;
            default:
                throw new ArgumentException($"An attribute cannot be {value.GetType()}.", nameof(value));
        }

        Write(output, AttributeType, kind);
    });

    private static byte[] PortMessage(OnnxPort port) => Message(output =>
    {
        Write(output, PortName, port.Name);
        Write(output, PortType, Message(type => Write(type, TypeTensor, Message(tensor =>
        {
            Write(tensor, TensorTypeElement, (long)port.Type);
            if (port.Shape is { } shape)
                Write(tensor, TensorTypeShape, Message(axes => Array.ForEach(shape, axis => Write(axes, ShapeDimensions, DimensionMessage(axis)))));
        }))));
    });

    private static byte[] DimensionMessage(OnnxDimension dimension) => Message(output =>
    {
        if (dimension.Name is { } name)
            Write(output, DimensionName, name);
        else
            Write(output, DimensionLength, dimension.Length);
    });

    // All of a constant but its numbers.
    private static byte[] ConstantHead(OnnxTensor constant) => Message(output =>
    {
        foreach (long length in constant.Shape)
            Write(output, TensorShape, length);
        Write(output, TensorType, (long)constant.Type);
        Write(output, TensorName, constant.Name);
    });

    private static long ConstantSize(OnnxTensor constant, byte[] head) => head.Length + FieldSize(constant.Bytes);

    // Of a message or bytes, with the tag and the length before it: all tags in use have one byte.
    private static long FieldSize(long length) => 1 + CodedOutputStream.ComputeUInt64Size((ulong)length) + length;

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            write(output);
        return bytes.ToArray();
    }

    private static void Write(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Write(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Write(CodedOutputStream output, int field, byte[] message)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(message));
    }

    private static void WriteLength(CodedOutputStream output, int field, long length)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteUInt64((ulong)length);
    }
}
