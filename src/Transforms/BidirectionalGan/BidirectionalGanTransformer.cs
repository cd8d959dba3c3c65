using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;

[assembly: LoadableModel<BidirectionalGanTransformer>("BidirectionalGan")]

namespace MLNet.Papers;

/// <summary>Turns rows into vectors that a generator makes the rows from, and back.</summary>
/// <remarks>
/// <para><b>Source.</b> Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782.</para>
/// <para><b>Output.</b> The codes: a vector of Single, E(x). Numbers outside of what codes are drawn from are legal.</para>
/// <para><b>Invention.</b> <see cref="AutoencoderTransformer.Generate"/> draws codes from the distribution that was learned for.
/// <see cref="AutoencoderTransformer.Interpolate"/> goes in a line from the code of one row to that of the other.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class BidirectionalGanTransformer : AutoencoderTransformer, ISavedTransformer<BidirectionalGanTransformer>
{
    private readonly State _state;

    internal BidirectionalGanTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Columns, state.Model, new VectorCodes(state.CodeSize)) => _state = state;

    /// <summary>The length of a code.</summary>
    public int CodeSize => _state.CodeSize;

    internal State Parts => _state;

    private protected override IModelRecord SavedState => _state;

    private protected override AutoencoderDecoderTransformer.State DecoderState(string outputColumnName, string inputColumnName) =>
        new(outputColumnName, inputColumnName, _state.Model.Layout, _state.Model.Decoder, _state.Model.DecoderWeights);

    private protected override float[] Draw(int count, int seed) => _state.Distribution.Draw(count, CodeSize, seed);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State([Block] AutoencoderColumns Columns, CodeDistribution Distribution, AutoencoderModel Model) : IModelRecord
    {
        public int CodeSize => Model.Decoder.InputSize;

        public string? FindFault() => Model.FindFault(new VectorCodes(CodeSize)) ?? Columns.FindFault(Model.Layout)
            ?? (Enum.IsDefined(Distribution) ? null : "Block 'options' names no distribution of codes.");
    }
}
