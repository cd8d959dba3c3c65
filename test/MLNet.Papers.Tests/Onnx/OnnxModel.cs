using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>A written model in a file of its own, and a session of the runtime that has read it.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
    private readonly InferenceSession _session;

    public OnnxModel(IOnnxModel model)
        : this(model.SaveAsOnnx)
    {
    }

    public OnnxModel(OnnxGraph graph)
        : this(new OnnxFile(graph).Write)
    {
    }

    public OnnxModel(Action<Stream> write)
    {
        Path = System.IO.Path.Combine(_folder, "model.onnx");
        using (FileStream file = File.Create(Path))
            write(file);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(Path, options);
    }

    public string Path { get; }

    public IReadOnlyList<string> Inputs => _session.InputNames;

    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>The lengths of an input's axes; -1 where they are free.</summary>
    public int[] Dimensions(string input) => _session.InputMetadata[input].Dimensions;

    /// <summary>Scores all rows at once.</summary>
    /// <returns>Each output by its name.</returns>
    public Dictionary<string, OnnxTensors> Score(IEnumerable<OnnxTensors> inputs)
    {
        Dictionary<string, OrtValue> given = inputs.ToDictionary(input => input.Name, input => input.Values switch
        {
            float[] numbers => OrtValue.CreateTensorValueFromMemory(numbers, input.Shape),
            double[] numbers => OrtValue.CreateTensorValueFromMemory(numbers, input.Shape),
            long[] numbers => OrtValue.CreateTensorValueFromMemory(numbers, input.Shape),
            bool[] flags => OrtValue.CreateTensorValueFromMemory(flags, input.Shape),
            // An array of UInt32 passes for one of Int32 too.
            int[] numbers when numbers.GetType() == typeof(int[]) => OrtValue.CreateTensorValueFromMemory(numbers, input.Shape),
            uint[] keys => OrtValue.CreateTensorValueFromMemory(keys, input.Shape),
            _ => Texts((string[])input.Values, input.Shape),
        });
        try
        {
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(run, given, _session.OutputNames);
            return _session.OutputNames.Zip(results).ToDictionary(
                pair => pair.First,
                pair => new OnnxTensors(pair.First, Values(pair.Second), pair.Second.GetTensorTypeAndShape().Shape));
        }
        finally
        {
            foreach (OrtValue value in given.Values)
                value.Dispose();
        }
    }

    private static OrtValue Texts(string[] texts, long[] shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (int i = 0; i < texts.Length; i++)
            value.StringTensorSetElementAt(texts[i], i);
        return value;
    }

    private static Array Values(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        TensorElementType.UInt32 => value.GetTensorDataAsSpan<uint>().ToArray(),
        TensorElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
        TensorElementType.Bool => value.GetTensorDataAsSpan<bool>().ToArray(),
        TensorElementType.String => value.GetStringTensorAsArray(),
        TensorElementType type => throw new NotSupportedException($"Nothing of the package gives {type}."),
    };

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
