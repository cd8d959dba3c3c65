using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>On a GPU, by torch: texts of about one length side by side.</summary>
internal sealed class TorchBertScorer(BertArchitecture architecture, NetworkWeights weights, Device device) : BertScorer
{
    private const long MostValues = 1L << 26;
    private const int MostTexts = 64;

    private readonly Dictionary<string, Tensor> _weights = TorchScorer.Weights(architecture.AllWeights(), weights, device);

    public override bool IsNative => true;

    public override void Run(BertBatch batch, int lowest, int highest, BertReceiver receive, bool firstOnly = false)
    {
        int[] order = [.. Enumerable.Range(0, batch.Count).OrderByDescending(batch.Length)];
        for (int first = 0; first < order.Length;)
        {
            // The first text of a group is its longest. Torch keeps a block's scores of all heads.
            long length = batch.Length(order[first]),
                values = length * ((8L * architecture.HiddenSize) + architecture.InnerSize + (architecture.Heads * length));
            int[] group = order[first..(int)Math.Min(order.Length, first + Math.Clamp(MostValues / values, 1, MostTexts))];
            RunGroup(batch, group, lowest, highest, receive);
            first += group.Length;
        }
    }

    public override void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }

    private void RunGroup(BertBatch batch, int[] group, int lowest, int highest, BertReceiver receive)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        BertTensors inputs = BertTensors.Of(batch, group, device);
        Tensor[] layers = (architecture with { Layers = highest }).Run(inputs.Pieces, inputs.Segments, inputs.Present, name => _weights[name]);
        float[][] values = [.. layers[lowest..].Select(layer => layer.cpu().contiguous().data<float>().ToArray())];
        int row = batch.Length(group[0]) * architecture.HiddenSize;
        for (int i = 0; i < group.Length; i++)
            receive(group[i], new BertLayers(values, lowest, i * row, batch.Length(group[i]) * architecture.HiddenSize));
    }
}
