using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of transformers whose network can be written as an ONNX model, which is then scored without this package and without libtorch.</summary>
/// <remarks>
/// <para><b>Scoring.</b> <c>mlContext.Transforms.ApplyOnnxModel(outputColumnNames, inputColumnNames, path)</c> of Microsoft.ML.OnnxTransformer stands where the
/// transformer stood, one row at a time; a runtime for ONNX that is called directly takes batches of any size. The values are those of this transformer up to
/// rounding.</para>
/// <para><b>Names.</b> Inputs have the name of the column that the transformer reads, outputs the names of the columns it adds; an output whose name is also
/// that of the input has ".output" behind it. PredictedLabel and other keys are UInt32, the number of the greatest score from 1, and 0 where it is missing;
/// Booleans are so.</para>
/// <para><b>Chains.</b> <c>mlContext.Model.ConvertToOnnx(chain, data, stream)</c> of Microsoft.ML.OnnxConverter writes a whole chain as one model, with the
/// transformers that read vectors of numbers in it. It refuses others of this package with an <see cref="InvalidOperationException"/>.</para>
/// <para><b>Vectors.</b> Input: Single, (batch, D). Outputs: Single, (batch, N); a number is a vector of length 1. A row with a number that is not finite gets
/// NaN.</para>
/// <para><b>Images.</b> Input: Single, (batch, C, H, W), the pixels of each channel. Image columns are not read by a graph: resize them, and
/// <c>ExtractPixels(name, image, scaleImage: 1f / 255)</c>, whose other settings stay as they are, gives the pixels that this package makes of a picture of
/// that size.</para>
/// <para><b>Texts.</b> See the transformers of texts: their graphs read numbers of tokens, with a dynamic axis of time.</para>
/// <para><b>Format.</b> Operator set 12, weights in the file, at most 2 GiB.</para>
/// </remarks>
public abstract class ExportableTransformer : ScoringTransformer, IOnnxModel
{
    private protected ExportableTransformer(IHostEnvironment environment)
        : base(environment)
    {
    }

    /// <summary>Writes the network as an ONNX model.</summary>
    /// <param name="path">The file, which is replaced if it exists; it is written whole or not at all.</param>
    /// <exception cref="InvalidOperationException">The model would be larger than 2 GiB, the most that the format allows; nothing is written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveAsOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OnnxFile file = ToOnnx();
        WholeFile.WriteBytes(path, file.Write);
    }

    /// <summary>Writes the network as an ONNX model.</summary>
    /// <param name="stream">Where to write to; it stays open.</param>
    /// <exception cref="InvalidOperationException">The model would be larger than 2 GiB, the most that the format allows; nothing is written.</exception>
    public void SaveAsOnnx(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ToOnnx().Write(stream);
    }

    /// <summary>Adds the inputs, the network and the outputs to a graph.</summary>
    internal abstract void ToOnnx(OnnxGraph graph);

    internal sealed override void AddTo(OnnxChain chain, ScoringBinding binding)
    {
        var graph = new OnnxGraph();
        ToOnnx(graph);
        OnnxStep.Add(graph, chain, binding.OutputSchema, GetType().Name);
        binding.AddLabelTo(chain);
    }

    internal override string? FindOnnxFault(DataViewSchema input) =>
        "its graph reads numbers of tokens, which no step of a chain gives; its SaveAsOnnx writes that graph alone";

    private OnnxFile ToOnnx()
    {
        var graph = new OnnxGraph();
        ToOnnx(graph);
        return new OnnxFile(graph);
    }
}
