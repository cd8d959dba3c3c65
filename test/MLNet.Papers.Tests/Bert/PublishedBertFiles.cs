using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using MLNet.Papers.Bert;
using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.PyBridge;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The format of a published encoder.</summary>
public enum PublishedFormat
{
    Safetensors,
    HalfSafetensors,
    BrainSafetensors,

    /// <summary>By another program.</summary>
    Torch,

    /// <summary>As PyTorch wrote before version 1.6.</summary>
    OldTorch,

    /// <summary>With the names and nodes that exports of PyTorch have.</summary>
    Onnx,
}

/// <summary>An array of an encoder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its numbers.</param>
/// <param name="IsWhole">Whether it is written as whole numbers of 64 bits, as no array of an encoder is.</param>
internal sealed record NamedValues(string Name, long[] Shape, float[] Values, bool IsWhole = false)
{
    /// <summary>The bytes of its numbers.</summary>
    public byte[] Bytes => IsWhole
        ? MemoryMarshal.AsBytes<long>(Array.ConvertAll(Values, value => (long)value)).ToArray()
        : MemoryMarshal.AsBytes(Values.AsSpan()).ToArray();
}

/// <summary>A small encoder with its vocabulary and its description in a folder, as encoders are published.</summary>
internal sealed class PublishedBertFiles : IDisposable
{
    private PublishedBertFiles(string modelName) => ModelPath = Path.Combine(Folder, modelName);

    public string Folder { get; } = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;

    public string ModelPath { get; }

    public string VocabularyPath => Path.Combine(Folder, "vocab.txt");

    /// <summary>Writes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="format">How.</param>
    /// <param name="change">Changes the arrays before they are written.</param>
    public static PublishedBertFiles Make(BertModel model, PublishedFormat format, Func<IEnumerable<NamedValues>, IEnumerable<NamedValues>>? change = null)
    {
        var files = new PublishedBertFiles(format switch
        {
            PublishedFormat.Onnx => "model.onnx",
            PublishedFormat.Torch or PublishedFormat.OldTorch => "pytorch_model.bin",
            _ => "model.safetensors",
        });
        model.Vocabulary.Save(files.VocabularyPath);
        BertArchitecture architecture = model.Architecture;
        IEnumerable<NamedValues> own = architecture.Weights().Select(weight => new NamedValues(weight.Name, weight.Shape, model.Weights[weight.Name]));
        NamedValues[] arrays = [.. change?.Invoke(own) ?? own];
        File.WriteAllBytes(files.ModelPath, format switch
        {
            PublishedFormat.Onnx => OnnxBytes(architecture, arrays),
            PublishedFormat.Torch => TorchBytes(arrays),
            PublishedFormat.OldTorch => OldTorchBytes(arrays),
            PublishedFormat.HalfSafetensors => SafetensorsBytes(arrays, "F16", value => BitConverter.GetBytes((Half)value)),
            PublishedFormat.BrainSafetensors => SafetensorsBytes(arrays, "BF16", value => BitConverter.GetBytes(value)[2..]),
            _ => SafetensorsBytes(arrays, "F32", BitConverter.GetBytes),
        });
        files.Write("config.json", new JsonObject
        {
            ["model_type"] = "bert",
            ["vocab_size"] = architecture.Pieces,
            ["hidden_size"] = architecture.HiddenSize,
            ["num_hidden_layers"] = architecture.Layers,
            ["num_attention_heads"] = architecture.Heads,
            ["intermediate_size"] = architecture.InnerSize,
            ["max_position_embeddings"] = architecture.Positions,
            ["type_vocab_size"] = architecture.Segments,
            ["layer_norm_eps"] = architecture.Epsilon,
            ["hidden_act"] = architecture.Gelu == BertGelu.Tanh ? "gelu_new" : "gelu",
        });
        return files;
    }

    /// <summary>Writes a file of JSON beside the model.</summary>
    public void Write(string name, JsonNode json)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, json.ToJsonString());
    }

    /// <summary>Changes the description of the network.</summary>
    public void Describe(Action<JsonObject> change)
    {
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "config.json")))!;
        change(json);
        Write("config.json", json);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>A file in safetensors' format.</summary>
    public static byte[] SafetensorsBytes(IEnumerable<NamedValues> arrays, string type, Func<float, byte[]> bytesOf)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        List<byte> data = [];
        foreach (NamedValues array in arrays)
        {
            int start = data.Count;
            data.AddRange(array.IsWhole ? array.Bytes : array.Values.SelectMany(bytesOf));
            header[array.Name] = new JsonObject
            {
                ["dtype"] = array.IsWhole ? "I64" : type,
                ["shape"] = JsonSerializer.SerializeToNode(array.Shape),
                ["data_offsets"] = new JsonArray(start, data.Count),
            };
        }

        return Safetensors(header.ToJsonString(), data);
    }

    /// <summary>A file in safetensors' format with any header.</summary>
    public static byte[] Safetensors(string header, IEnumerable<byte> data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. data];
    }

    private static byte[] TorchBytes(NamedValues[] arrays)
    {
        using var stream = new MemoryStream();
        var tensors = arrays.ToDictionary(array => array.Name, array => array.IsWhole
            ? torch.tensor(Array.ConvertAll(array.Values, value => (long)value), array.Shape)
            : torch.tensor(array.Values, array.Shape));
        PyTorchPickler.PickleStateDict(stream, tensors, leaveOpen: true);
        foreach (torch.Tensor tensor in tensors.Values)
            tensor.Dispose();
        return stream.ToArray();
    }

    private static byte[] OldTorchBytes(NamedValues[] arrays)
    {
        using var stream = new MemoryStream();
        stream.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        stream.Write([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.']);
        Put("\u0080\u0002}q\u0000(");
        Text("little_endian");
        Put("\u0088u.");
        Put("\u0080\u0002ccollections\nOrderedDict\nq\u0000)Rq\u0001(");
        for (int i = 0; i < arrays.Length; i++)
        {
            Text(arrays[i].Name);
            Put("ctorch._utils\n_rebuild_tensor_v2\n((");
            Text("storage");
            Put($"ctorch\n{(arrays[i].IsWhole ? "Long" : "Float")}Storage\n");
            Text($"{i}");
            Text("cpu");
            Number(arrays[i].Values.Length);
            Put("NtQ");
            Number(0);
            Put("(");
            foreach (long dimension in arrays[i].Shape)
                Number(dimension);
            Put("t(");
            for (int dimension = 0; dimension < arrays[i].Shape.Length; dimension++)
                Number(arrays[i].Shape[(dimension + 1)..].Aggregate(1L, (product, length) => product * length));
            Put("t\u0089ccollections\nOrderedDict\n)RtR");
        }

        Put("u}(");
        Text("_metadata");
        Put("}ub.");
        Put("\u0080\u0002](");
        for (int i = 0; i < arrays.Length; i++)
            Text($"{i}");
        Put("e.");
        foreach (NamedValues array in arrays)
        {
            stream.Write(BitConverter.GetBytes((long)array.Values.Length));
            stream.Write(array.Bytes);
        }

        return stream.ToArray();

        void Put(string latin) => stream.Write(Encoding.Latin1.GetBytes(latin));

        void Number(long number)
        {
            Put("J");
            stream.Write(BitConverter.GetBytes((int)number));
        }

        void Text(string text)
        {
            Put("X");
            stream.Write(BitConverter.GetBytes(text.Length));
            Put(text);
        }
    }

    /// <summary>A graph in which matrices have no names, as exports have them, with what says how many heads there are.</summary>
    private static byte[] OnnxBytes(BertArchitecture architecture, NamedValues[] arrays)
    {
        const string weight = ".weight";
        List<byte[]> initializers = [], nodes = [];
        int number = 900;
        foreach (NamedValues array in arrays)
        {
            string bias = array.Name.EndsWith(weight, StringComparison.Ordinal) ? array.Name[..^weight.Length] + ".bias" : "";
            if (array.Shape.Length != 2 || !arrays.Any(other => other.Name == bias))
            {
                initializers.Add(Tensor(array.Name, array.IsWhole ? 7 : 1, array.Shape, array.Bytes));
            }
            else if (array.Name.Contains("pooler", StringComparison.Ordinal))
            {
                initializers.Add(Tensor(array.Name, array.IsWhole ? 7 : 1, array.Shape, array.Bytes));
                nodes.Add(Node("Gemm", ["top", array.Name, bias], "pooled", Message(fields => fields.Text(1, "transB").Number(3, 1).Number(20, 2))));
            }
            else
            {
                (int rows, int columns) = ((int)array.Shape[0], (int)array.Shape[1]);
                float[] turned = [.. Enumerable.Range(0, array.Values.Length).Select(i => array.Values[(i % rows * columns) + (i / rows)])];
                initializers.Add(Tensor($"onnx::MatMul_{++number}", 1, [columns, rows], MemoryMarshal.AsBytes(turned.AsSpan()).ToArray()));
                nodes.Add(Node("MatMul", ["x", $"onnx::MatMul_{number}"], $"product{number}"));
                nodes.Add(number % 2 == 0 ? Node("Add", [bias, $"product{number}"], $"sum{number}") : Node("Add", [$"product{number}", bias], $"sum{number}"));
            }
        }

        initializers.Add(Tensor("heads", 7, [1], BitConverter.GetBytes((long)architecture.Heads)));
        nodes.Add(Node("Constant", [], "size", Message(fields => fields.Text(1, "value")
            .Bytes(5, Tensor("", 7, [1], BitConverter.GetBytes((long)(architecture.HiddenSize / architecture.Heads)))).Number(20, 4))));
        nodes.Add(Node("Concat", ["batch", "time", "heads", "size"], "shape"));
        nodes.Add(Node("Reshape", ["x", "shape"], "reshaped"));
        nodes.Add(Node("ReduceMean", ["squares"], "variance"));
        nodes.Add(Node("Constant", [], "epsilon", Message(fields => fields.Text(1, "value")
            .Bytes(5, Tensor("", 1, [], BitConverter.GetBytes((float)architecture.Epsilon))).Number(20, 4))));
        nodes.Add(Node("Add", ["variance", "epsilon"], "shifted"));
        nodes.Add(Node("Erf", ["x"], "erf"));
        byte[] graph = Message(fields =>
        {
            foreach (byte[] node in nodes)
                fields.Bytes(1, node);
            fields.Text(2, "graph");
            foreach (byte[] initializer in initializers)
                fields.Bytes(5, initializer);
        });
        return Message(fields => fields.Number(1, 7).Text(2, "test").Bytes(7, graph));
    }

    /// <summary>An array of a graph.</summary>
    public static byte[] Tensor(string name, int type, long[] shape, byte[] bytes) => Message(fields =>
    {
        foreach (long dimension in shape)
            fields.Number(1, dimension);
        fields.Number(2, type).Text(8, name).Bytes(9, bytes);
    });

    private static byte[] Node(string kind, string[] inputs, string output, byte[]? attribute = null) => Message(fields =>
    {
        foreach (string input in inputs)
            fields.Text(1, input);
        fields.Text(2, output).Text(4, kind);
        if (attribute is not null)
            fields.Bytes(5, attribute);
    });

    /// <summary>A message in the encoding of Protocol Buffers.</summary>
    public static byte[] Message(Action<MessageFields> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream))
            write(new MessageFields(output));
        return stream.ToArray();
    }

    /// <summary>The fields of a message.</summary>
    internal sealed class MessageFields(CodedOutputStream output)
    {
        public MessageFields Number(int field, long number)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(number);
            return this;
        }

        public MessageFields Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public MessageFields Bytes(int field, byte[] bytes)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
            return this;
        }
    }
}
