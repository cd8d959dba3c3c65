using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>The encoder on a GPU: groups of padded sentences through the module that was trained.</summary>
internal sealed class DeviceEncoderScorer : EncoderScorer
{
    private readonly EncoderArchitecture _architecture;
    private readonly FastTextModel _words;
    private readonly EncoderModule _module;
    private readonly Device _device;

    public DeviceEncoderScorer(EncoderModel model, Device device)
        : base(model.Architecture)
    {
        (_architecture, _words, _device) = (model.Architecture, model.WordVectors, device);
        _module = ScoringModule.Create(() => new EncoderModule(model.Architecture), model.Architecture, model.Weights, device);
    }

    public override bool IsNative => true;

    public override void Dispose() => _module.Dispose();

    protected override void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, EncodedSentence> receive)
    {
        foreach (SentenceGroup group in groups)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable inference = inference_mode();
            RunGroup(group, receive);
        }
    }

    private void RunGroup(SentenceGroup group, Action<int, EncodedSentence> receive)
    {
        int rows = group.Sentences.Length, size = _architecture.EmbeddingSize;
        float[][] words = Array.ConvertAll(group.Sentences, sentence => WordVectors(_words, sentence));
        var batch = new RightAlignedBatch(Array.ConvertAll(group.Sentences, sentence => sentence.Length), _device);
        float[] input = new float[batch.Steps * rows * size];
        for (int row = 0; row < rows; row++)
        {
            for (int token = 0; token < group.Sentences[row].Length; token++)
                words[row].AsSpan(token * size, size).CopyTo(input.AsSpan(batch.Place(row, token) * size));
        }

        (Tensor[] outputs, LstmState[] final) = _module.Run(tensor(input, [batch.Steps, rows, size]).to(_device), batch);
        float[][] layers = [.. outputs.Select(Values)], cells = [.. final.Select(state => Values(state.Cell))];
        int width = _architecture.LayerSize;
        for (int row = 0; row < rows; row++)
        {
            float[][] own = [.. layers.Select(layer => Enumerable.Range(0, group.Sentences[row].Length).SelectMany(token => layer.AsSpan(batch.Place(row, token) * width, width).ToArray()).ToArray())];
            receive(group.Numbers[row], new EncodedSentence(group.Sentences[row], words[row], own, [.. cells.Select(cell => cell.AsSpan(row * width, width).ToArray())]));
        }
    }

    private static float[] Values(Tensor values) => values.cpu().contiguous().data<float>().ToArray();
}
