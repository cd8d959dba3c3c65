using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<CoordinateChannelsTransformer>("CoordinateChannels")]

namespace MLNet.Papers;

/// <summary>Adds to each image the coordinates of its pixels as channels.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 3.</para>
/// <para><b>Output.</b> A vector of Single with the dimensions C + 2 (C + 3 with the radius), H and W, in CHW order: the channels of the image; the rows,
/// 2·y / (H - 1) - 1, from -1 at the top to 1 at the bottom; the columns, 2·x / (W - 1) - 1; and on request the radius, the square root of the sum of their
/// squares. An axis of one pixel is 0. A row with a value that is not finite, or without an image, gets NaN throughout.</para>
/// </remarks>
public sealed class CoordinateChannelsTransformer : ScoringTransformer, ISavedTransformer<CoordinateChannelsTransformer>
{
    private readonly State _state;

    internal CoordinateChannelsTransformer(IHostEnvironment environment, State state)
        : base(environment) => _state = state;

    /// <summary>The name of the column of images.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <summary>The name of the column of images with coordinates.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    internal override bool ScoresInBatches => false;

    private protected override IEnumerable<InputColumn> Inputs => [_state.Images];

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => [_state.Output];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(_state, input, capacity);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string OutputColumnName, string InputColumnName, ImageShape Shape, bool WithRadius) : IModelRecord
    {
        private const int Most = 1 << 26;

        public int OutputSize => Shape.Size + (CoordinateChannels.Count(WithRadius) * Shape.Height * Shape.Width);

        public ImageColumn Images => new(InputColumnName, Shape, Scale: 1);

        public OutputColumn Output => new(OutputColumnName, new VectorDataViewType(
            NumberDataViewType.Single, Shape.Channels + CoordinateChannels.Count(WithRadius), Shape.Height, Shape.Width));

        public string? FindFault() => FindShapeFault() is { } fault ? $"Block 'options' describes an image that {fault}." : null;

        /// <summary>What is wrong with the shape, to stand behind its name; or null.</summary>
        public string? FindShapeFault() => Shape.Channels < 1 || Shape.Height < 1 || Shape.Width < 1
            || ((Int128)Shape.Channels + 3) * Shape.Height * Shape.Width > Most
            ? FormattableString.Invariant($"must be at least 1 × 1 × 1 and, with the coordinates, at most {Most} values, but is {Shape}")
            : null;
    }

    private sealed class Session : ScoringSession
    {
        private readonly int _size;
        private readonly RowReader _reader;
        private readonly VectorOutputBuffer<float> _output;
        private readonly float[] _coordinates;

        public Session(State state, DataViewRow input, int capacity)
        {
            _size = state.Shape.Size;
            _reader = state.Images.CreateReader(input);
            _output = OutputBuffer.Vector<float>(capacity, state.OutputSize);
            _coordinates = CoordinateChannels.Of(state.Shape.Height, state.Shape.Width, state.WithRadius);
            Outputs = [_output];
        }

        public override IReadOnlyList<OutputBuffer?> Outputs { get; }

        public override void ReadRow(int slot)
        {
            Span<float> output = _output[slot];
            _reader.Read(output[.._size]);
            if (FiniteValues.AreAll(output[.._size]))
                _coordinates.CopyTo(output[_size..]);
            else
                output.Fill(float.NaN);
        }

        public override void Score(int count)
        {
        }
    }
}
