using Microsoft.ML.OnnxRuntime;
using MLNet.Papers.Bert;
using MLNet.Papers.Samples.Bert;

namespace MLNet.Papers.Benchmarks.Bert;

/// <summary>
/// The peer: ONNX Runtime on the published file, with as many threads as there are processors. It is given pieces that were made before the clock runs, and its
/// vectors of pieces are not pooled.
/// </summary>
internal sealed class BertRuntime : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = Environment.ProcessorCount, InterOpNumThreads = 1 };
    private readonly RunOptions _run = new();
    private readonly InferenceSession _session;
    private readonly BertBatch _texts;

    public BertRuntime(IEnumerable<string> texts)
    {
        _session = new InferenceSession(PackagedEncoder.MiniLM.ModelPath, _options);
        _texts = BertData.Pieces(texts);
    }

    public int Count => _texts.Count;

    /// <summary>The pieces that are computed for each piece of a text, where texts are padded to the longest of their batch.</summary>
    public double Padding(int batch) =>
        Enumerable.Range(0, Count).Chunk(batch).Sum(texts => (double)texts.Length * texts.Max(_texts.Length)) / _texts.Total;

    /// <summary>Scores all texts in batches.</summary>
    public void RunAll(int batch)
    {
        foreach (int[] texts in Enumerable.Range(0, Count).Chunk(batch))
            Run(texts);
    }

    /// <summary>Scores some texts at once, padded to the longest.</summary>
    public void Run(params int[] texts)
    {
        int longest = texts.Max(_texts.Length);
        long[] pieces = new long[texts.Length * longest], present = new long[pieces.Length], segments = new long[pieces.Length];
        for (int row = 0; row < texts.Length; row++)
        {
            int place = row * longest;
            foreach (int piece in _texts.Pieces(texts[row]))
                (pieces[place], present[place++]) = (piece, 1);
        }

        long[] shape = [texts.Length, longest];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(pieces, shape), mask = OrtValue.CreateTensorValueFromMemory(present, shape);
        using OrtValue kinds = OrtValue.CreateTensorValueFromMemory(segments, shape);
        using IDisposableReadOnlyCollection<OrtValue> results =
            _session.Run(_run, ["input_ids", "attention_mask", "token_type_ids"], [ids, mask, kinds], [_session.OutputNames[0]]);
        _ = results[0].GetTensorDataAsSpan<float>()[0];
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
        _run.Dispose();
    }
}
