using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers.Codes;

/// <summary>The scores that an autoencoder gives the rows that it learned from.</summary>
internal static class TrainingErrors
{
    /// <summary>The reconstruction error of each row.</summary>
    /// <param name="model">The networks.</param>
    /// <param name="codes">The codes between them.</param>
    /// <param name="rows">The rows, on the scale of the layout.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public static float[] Of(AutoencoderModel model, ICodes codes, TrainingRows rows, TorchDevice device, Action check)
    {
        using EmbeddingScorer encoder = model.CreateEncoder(device), decoder = model.CreateDecoder(device);
        RowLayout layout = model.Layout;
        int capacity = Math.Min(model.BatchSize, rows.Count);
        float[] row = new float[layout.Size], prepared = new float[capacity * layout.InputSize], encoded = new float[capacity * codes.EncodedSize],
            latents = new float[capacity * codes.LatentSize], outputs = new float[capacity * layout.Size], errors = new float[rows.Count];
        for (int first = 0; first < rows.Count; first += capacity)
        {
            check();
            int count = Math.Min(capacity, rows.Count - first);
            for (int i = 0; i < count; i++)
            {
                rows.Read(first + i, TrainingRows.Inputs, row);
                layout.Read(row, prepared.AsSpan(i * layout.InputSize, layout.InputSize));
            }

            encoder.Embed(prepared, count, encoded);
            for (int i = 0; i < count; i++)
                codes.ToLatent(encoded.AsSpan(i * codes.EncodedSize, codes.EncodedSize), latents.AsSpan(i * codes.LatentSize, codes.LatentSize));
            decoder.Embed(latents, count, outputs);
            for (int i = 0; i < count; i++)
            {
                errors[first + i] = layout.Deviance(
                    outputs.AsSpan(i * layout.Size, layout.Size), prepared.AsSpan(i * layout.InputSize, layout.InputSize));
            }
        }

        return errors;
    }
}
