using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>The scoring form on a GPU: groups of padded sentences through the module that was trained.</summary>
internal sealed class DeviceElmoScorer : ElmoScorer
{
    private readonly ElmoArchitecture _architecture;
    private readonly ElmoModule _module;
    private readonly Device _device;

    public DeviceElmoScorer(ElmoArchitecture architecture, NetworkWeights weights, Device device)
        : base(architecture)
    {
        (_architecture, _device) = (architecture, device);
        _module = ScoringModule.Create(() => new ElmoModule(architecture), architecture, weights, device);
    }

    public override bool IsNative => true;

    public override void Dispose() => _module.Dispose();

    protected override void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, SentenceLayers> receive)
    {
        foreach (SentenceGroup group in groups)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable inference = inference_mode();
            SentenceLayers.Of(_architecture, group.Sentences, layers => Fill(group, layers, receive));
        }
    }

    private void Fill(SentenceGroup group, SentenceLayers[] layers, Action<int, SentenceLayers> receive)
    {
        // The marks come first, and what pads the sentences repeats the first one: nothing reads what comes behind a sentence.
        int rows = group.Sentences.Length, steps = group.Sentences[0].Length + 1, size = _architecture.ProjectionSize;
        var numbers = new Dictionary<string, int>();
        List<int[]> ids = [CharacterIds.OfBegin(), CharacterIds.OfEnd()];
        long[] places = new long[ElmoArchitecture.Directions * steps * rows];
        for (int row = 0; row < rows; row++)
        {
            string[] sentence = group.Sentences[row];
            for (int token = 0; token < sentence.Length; token++)
            {
                if (!numbers.TryGetValue(sentence[token], out int number))
                {
                    numbers[sentence[token]] = number = ids.Count;
                    ids.Add(CharacterIds.Of(sentence[token], _architecture.MaxCharacters));
                }

                places[((token + 1) * rows) + row] = number;
                places[((steps + sentence.Length - token) * rows) + row] = number;
            }

            places[(steps * rows) + row] = 1;
        }

        Tensor vectors = _module.Encoder.Encode(ids);  // (U, P)
        Tensor window = vectors.index_select(0, tensor(places).to(_device)).view(ElmoArchitecture.Directions, steps, rows, size);
        (Tensor[] outputs, _) = _module.Run(window, _module.ZeroStates(rows));
        for (int layer = 0; layer <= _architecture.Layers; layer++)
        {
            // (2, T, B, P) -> (B, 2, T, P)
            float[] values = (layer == 0 ? window : outputs[layer - 1]).permute(2, 0, 1, 3).cpu().contiguous().data<float>().ToArray();
            for (int row = 0; row < rows; row++)
            {
                for (int direction = 0; direction < ElmoArchitecture.Directions; direction++)
                {
                    Span<float> target = layers[row].Steps(layer, direction);
                    values.AsSpan(((row * ElmoArchitecture.Directions) + direction) * steps * size, target.Length).CopyTo(target);
                }
            }
        }

        for (int row = 0; row < rows; row++)
            receive(group.Numbers[row], layers[row]);
    }
}
