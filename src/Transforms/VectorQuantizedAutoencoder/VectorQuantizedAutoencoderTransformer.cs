using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

[assembly: LoadableModel<VectorQuantizedAutoencoderTransformer>("VectorQuantizedAutoencoder")]

namespace MLNet.Papers;

/// <summary>Turns rows into grids of codes from a learned codebook, and back.</summary>
/// <remarks>
/// <para><b>Source.</b> Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017, arXiv:1711.00937.</para>
/// <para><b>Output.</b> The codes: a vector of keys, one for each place of the grid, from 1 to the size of the codebook; the key of the vector that is nearest
/// to what the encoder gives there. On request <c>(output).Quantized</c>: a vector of Single, those vectors, channel by channel.</para>
/// <para><b>Invention.</b> <see cref="AutoencoderTransformer.Generate"/> draws codes place by place from the network that was learned for that, unless
/// PriorEpochs was 0. <see cref="AutoencoderTransformer.Interpolate"/> goes in a line from what the encoder gives for one row to that of the other, and takes
/// the nearest codes of each step.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class VectorQuantizedAutoencoderTransformer : AutoencoderTransformer, ISavedTransformer<VectorQuantizedAutoencoderTransformer>
{
    private readonly State _state;

    internal VectorQuantizedAutoencoderTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Columns, state.Model, new KeyCodes(state.Codebook, state.WithQuantized)) => _state = state;

    /// <summary>How much of the codebook the rows use that were learned from.</summary>
    public CodebookHealth Health => _state.Codebook.Health;

    /// <summary>The height and width of a grid of codes; the width is 1 for vectors.</summary>
    public (int Height, int Width) CodeGrid => (_state.Codebook.Height, _state.Codebook.Width);

    private protected override IModelRecord SavedState => _state;

    internal State Parts => _state;

    private protected override AutoencoderDecoderTransformer.State DecoderState(string outputColumnName, string inputColumnName) =>
        new(outputColumnName, inputColumnName, _state.Model.Layout, _state.Model.Decoder, _state.Model.DecoderWeights, _state.Codebook);

    private protected override float[] Draw(int count, int seed)
    {
        if (_state.Prior is not { } prior)
            throw new InvalidOperationException("Nothing was learned to draw codes from: PriorEpochs was 0. Fit with a higher one to generate rows.");
        uint[][] grids = prior.Draw(_state.Codebook, count, seed, TorchDevice.Of(Environment), () => Host.ThrowIfCanceled(Environment));
        float[] latents = new float[checked(count * _state.Codebook.Values)];
        for (int row = 0; row < count; row++)
            _state.Codebook.Look(grids[row], latents.AsSpan(row * _state.Codebook.Values, _state.Codebook.Values));
        return latents;
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        [Block] AutoencoderColumns Columns, bool WithQuantized, AutoencoderModel Model, Codebook Codebook, CodePrior? Prior) : IModelRecord
    {
        public string? FindFault() => Model.FindFault(new KeyCodes(Codebook, WithQuantized)) ?? Prior?.FindFault(Codebook)
            ?? Columns.FindFault(Model.Layout);
    }
}
