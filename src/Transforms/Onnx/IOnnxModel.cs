namespace MLNet.Papers.Onnx;

/// <summary>What can be written as an ONNX model.</summary>
internal interface IOnnxModel
{
    /// <summary>Writes it; the stream stays open.</summary>
    void SaveAsOnnx(Stream stream);
}
