using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>Receives what is known of a row.</summary>
/// <param name="outputs">What the decoder gave, D values, which may be overwritten; empty if nothing was decoded or nothing can be said of the row.</param>
/// <param name="prepared">What the encoder read.</param>
/// <param name="slot">The row's place in the batch.</param>
internal delegate void DecodedRow(Span<float> outputs, ReadOnlySpan<float> prepared, int slot);

/// <summary>Gives each row of a batch a number, by what the encoder gave for it.</summary>
internal abstract class EncodedScores
{
    /// <summary>Scores the rows of a batch, one after the other.</summary>
    /// <param name="count">How many.</param>
    /// <param name="encoded">What the encoder gave.</param>
    /// <param name="prepared">What it read.</param>
    /// <param name="scores">Receives a number for each.</param>
    public abstract void Score(int count, ReadOnlySpan<float> encoded, ReadOnlySpan<float> prepared, Span<float> scores);
}

/// <summary>Scores batches of rows: to codes, and if that is wanted back to rows.</summary>
internal sealed class AutoencoderSession : ScoringSession
{
    private readonly RowReader _reader;
    private readonly AutoencoderModel _model;
    private readonly ICodes _codes;
    private readonly EmbeddingScorer _encoder;
    private readonly EmbeddingScorer? _decoder;
    private readonly CodeBatch _batch;
    private readonly DecodedRow _decoded;
    private readonly EncodedScores? _measure;
    private readonly Action<float, int>? _measured;
    private readonly float[] _scores;
    private readonly int _capacity;
    private readonly bool[] _isKnown;
    private readonly float[] _row;
    private float[] _prepared = [];
    private float[] _encoded = [];
    private float[] _latents = [];
    private float[] _outputs = [];

    /// <param name="reader">Reads rows.</param>
    /// <param name="model">The networks.</param>
    /// <param name="codes">The codes between them.</param>
    /// <param name="encoder">The scoring form of the encoder.</param>
    /// <param name="decoder">That of the decoder; null if nothing is decoded.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    /// <param name="batch">Receives the codes.</param>
    /// <param name="outputs">A buffer for each output column; null where it is not active.</param>
    /// <param name="decoded">Receives what is decoded.</param>
    /// <param name="measure">What else is to be known of each row; null for nothing.</param>
    /// <param name="measured">Receives it, NaN where it cannot be known.</param>
    public AutoencoderSession(
        RowReader reader, AutoencoderModel model, ICodes codes, EmbeddingScorer encoder, EmbeddingScorer? decoder, int capacity, CodeBatch batch,
        IReadOnlyList<OutputBuffer?> outputs, DecodedRow decoded, EncodedScores? measure = null, Action<float, int>? measured = null)
    {
        (_reader, _model, _codes, _encoder, _decoder, _capacity, _batch, Outputs, _decoded) =
            (reader, model, codes, encoder, decoder, capacity, batch, outputs, decoded);
        (_measure, _measured) = (measure, measured);
        (_isKnown, _row, _scores) = (new bool[capacity], new float[model.Layout.Size], new float[measure is null ? 0 : capacity]);
    }

    public override IReadOnlyList<OutputBuffer?> Outputs { get; }

    public override void ReadRow(int slot)
    {
        int size = _model.Layout.InputSize;
        ScoringMemory.MakeRoom(ref _prepared, slot, size, _capacity);
        _reader.Read(_row);
        Span<float> prepared = _prepared.AsSpan(slot * size, size);
        _isKnown[slot] = _model.Layout.Prepare(_row, prepared);
        if (!_isKnown[slot])
            prepared.Clear();
    }

    public override void Score(int count)
    {
        (int encodedSize, int latentSize, int size) = (_codes.EncodedSize, _codes.LatentSize, _model.Layout.Size);
        ScoringMemory.MakeRoom(ref _encoded, count - 1, encodedSize, _capacity);
        _encoder.Embed(_prepared, count, _encoded);
        if (_decoder is not null)
        {
            ScoringMemory.MakeRoom(ref _latents, count - 1, latentSize, _capacity);
            ScoringMemory.MakeRoom(ref _outputs, count - 1, size, _capacity);
        }

        for (int slot = 0; slot < count; slot++)
        {
            Span<float> latent = _decoder is null ? [] : _latents.AsSpan(slot * latentSize, latentSize);
            _batch.Encode(slot, _encoded.AsSpan(slot * encodedSize, encodedSize), latent);
            if (!_isKnown[slot])
                _batch.Miss(slot);
        }

        _decoder?.Embed(_latents, count, _outputs);
        int inputSize = _model.Layout.InputSize;
        for (int slot = 0; slot < count; slot++)
        {
            _decoded(
                _decoder is null || !_isKnown[slot] ? [] : _outputs.AsSpan(slot * size, size), _prepared.AsSpan(slot * inputSize, inputSize), slot);
        }

        if (_measure is null)
            return;
        _measure.Score(count, _encoded, _prepared, _scores);
        for (int slot = 0; slot < count; slot++)
            _measured!(_isKnown[slot] ? _scores[slot] : float.NaN, slot);
    }
}
