using MLNet.Papers.Networks;

namespace MLNet.Papers.Layers;

/// <summary>Makes one value of each channel.</summary>
internal abstract record ChannelPooling : Layer
{
    public override bool PoolsChannels => true;

    public override ImageShape Apply(ImageShape input) => new(input.Channels, 1, 1);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        int pixels = (int)(input.Values / input.Channels);
        plan.Add(new RowStep(input.Channels, () => (row, output, _) =>
        {
            for (int channel = 0; channel < output.Length; channel++)
                output[channel] = Pool(row.Slice(channel * pixels, pixels));
        }, Operations: input.Values));
    }

    private protected abstract float Pool(ReadOnlySpan<float> channel);
}
