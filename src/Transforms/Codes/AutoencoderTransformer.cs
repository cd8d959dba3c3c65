using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of the transformers that give codes of rows, from which the rows can be made again, and others like them invented.</summary>
/// <remarks>
/// <para><b>Input.</b> A vector of Single of the length that was fitted, an image in CHW order among them, or pictures of any size, which are resized.</para>
/// <para><b>Output.</b> The codes. On request <c>(output).Reconstruction</c>: a vector of Single, what the codes say of the row, numbers in its unit and the
/// probabilities of categories; and <c>(output).ReconstructionError</c>: a Single, the mean over what is there of the row of the deviance, which is the squared
/// error of a number in standard deviations, or twice the cross-entropy of a category or of a number from 0 to 1 in nats. Nothing is decoded where neither is
/// asked for. Encoding is deterministic. A row with a value that is not finite, or without a picture, gets NaN and missing keys, unless NaN was learned to
/// stand for missing values.</para>
/// </remarks>
public abstract class AutoencoderTransformer : ExportableTransformer, IGenerator
{
    private readonly AutoencoderColumns _columns;
    private readonly AutoencoderModel _model;
    private readonly ICodes _codes;
    private readonly LazyScorer<EmbeddingScorer> _encoder;
    private readonly LazyScorer<EmbeddingScorer> _decoder;

    private protected AutoencoderTransformer(IHostEnvironment environment, AutoencoderColumns columns, AutoencoderModel model, ICodes codes)
        : base(environment)
    {
        (_columns, _model, _codes) = (columns, model, codes);
        _encoder = new(() => model.CreateEncoder(TorchDevice.Of(environment)));
        _decoder = new(() => model.CreateDecoder(TorchDevice.Of(environment)));
        BatchSize = model.BatchSize;
    }

    /// <summary>The name of the column of rows.</summary>
    public string InputColumnName => _columns.InputColumnName;

    /// <summary>The name of the column of codes.</summary>
    public string OutputColumnName => _columns.OutputColumnName;

    /// <summary>How many numbers the networks were trained to have, from rows to codes and back.</summary>
    public long ParameterCount => _model.ParameterCount;

    internal sealed override bool ScoresInBatches => true;

    private protected sealed override IEnumerable<InputColumn> Inputs => [_model.Layout.Column(InputColumnName)];

    internal sealed override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [.. _codes.Columns(OutputColumnName), .. _columns.Others(_model.Layout.Size)];

    /// <summary>The way back: a transformer that makes rows of codes.</summary>
    /// <param name="outputColumnName">The rows that it adds: vectors of Single, as <c>(output).Reconstruction</c> has them.</param>
    /// <param name="inputColumnName">The codes, as this transformer gives them.</param>
    /// <returns>A transformer of its own, to be disposed by the caller: it saves, loads, and goes into pipelines.</returns>
    /// <exception cref="ArgumentException">A name is blank.</exception>
    public AutoencoderDecoderTransformer Decoder(string outputColumnName, string inputColumnName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        return new(Environment, DecoderState(outputColumnName, inputColumnName));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nothing was learned to draw codes from.</exception>
    public IDataView Generate(int count, int? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Rows(Decode(Draw(count, seed ?? Host.Seed(Environment) ?? Random.Shared.Next())));
    }

    /// <summary>Makes rows between two others: from the code of one to that of the other in equal steps.</summary>
    /// <param name="rowA">The values of a row, as a vector of the input has them.</param>
    /// <param name="rowB">Those of another.</param>
    /// <param name="steps">How many rows; at least 2: the first is the reconstruction of <paramref name="rowA"/>, the last that of
    /// <paramref name="rowB"/>.</param>
    /// <returns>The rows, held in memory, with one column that has the name and type of the input.</returns>
    /// <exception cref="ArgumentNullException">A row is null.</exception>
    /// <exception cref="ArgumentException">A row has another length, or a value that is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 steps.</exception>
    public IDataView Interpolate(float[] rowA, float[] rowB, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        float[] first = Encode(rowA, nameof(rowA)), last = Encode(rowB, nameof(rowB));
        float[] latents = new float[checked(steps * _codes.LatentSize)];
        for (int step = 0; step < steps; step++)
            _codes.ToLatentBetween(first, last, (float)step / (steps - 1), latents.AsSpan(step * _codes.LatentSize, _codes.LatentSize));

        return Rows(Decode(latents));
    }

    internal sealed override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        CodeBatch batch = _codes.CreateBatch(capacity);
        RowLayout layout = _model.Layout;
        int codes = batch.Buffers.Count, next = codes;
        VectorOutputBuffer<float>? rows = _columns.WithReconstruction && active[next++] ? OutputBuffer.Vector<float>(capacity, layout.Size) : null;
        ScalarOutputBuffer<float>? errors = _columns.WithReconstructionError && active[next++] ? OutputBuffer.Scalar<float>(capacity) : null;
        ScalarOutputBuffer<float>? bounds = _columns.WithBound && active[next] ? OutputBuffer.Scalar<float>(capacity) : null;
        List<OutputBuffer?> outputs = [.. batch.Buffers];
        if (_columns.WithReconstruction)
            outputs.Add(rows);
        if (_columns.WithReconstructionError)
            outputs.Add(errors);
        if (_columns.WithBound)
            outputs.Add(bounds);
        return new AutoencoderSession(
            layout.Column(InputColumnName).CreateReader(input), _model, _codes, _encoder.Value, rows is null && errors is null ? null : _decoder.Value,
            capacity,
            batch, outputs, Write,
            bounds is null ? null : CreateBounds(_decoder.Value, capacity),
            (bound, slot) => bounds![slot] = bound);

        void Write(Span<float> decoded, ReadOnlySpan<float> prepared, int slot)
        {
            if (decoded.IsEmpty)
            {
                rows?[slot].Fill(float.NaN);
                if (errors is not null)
                    errors[slot] = float.NaN;
                return;
            }

            if (rows is not null)
                layout.Restore(decoded, rows[slot]);
            if (errors is not null)
                errors[slot] = layout.Deviance(decoded, prepared);
        }
    }

    internal sealed override void ToOnnx(OnnxGraph graph)
    {
        RowLayout layout = _model.Layout;
        (OnnxValue prepared, OnnxValue missing) = layout.InputIn(graph, InputColumnName);
        OnnxValue encoded = _model.Encoder.ToOnnx(graph, prepared, _model.EncoderWeights), latent = _codes.ToLatent(graph, encoded);
        _codes.AddTo(graph, encoded, latent, missing, OutputColumnName);
        if (_columns.WithBound)
            new OnnxColumn(_columns.BoundName, BoundInOnnx(graph, encoded, prepared), 1).AddTo(graph, missing);
        if (!_columns.WithReconstruction && !_columns.WithReconstructionError)
            return;
        OnnxValue decoded = _model.Decoder.ToOnnx(graph, latent, _model.DecoderWeights);
        if (_columns.WithReconstruction)
            new OnnxColumn(_columns.ReconstructionName, layout.RestoreInOnnx(graph, decoded), layout.Size).AddTo(graph, missing);
        if (_columns.WithReconstructionError)
            new OnnxColumn(_columns.ReconstructionErrorName, layout.DevianceInOnnx(graph, decoded, prepared), 1).AddTo(graph, missing);
    }

    internal sealed override string? FindOnnxFault(DataViewSchema input)
    {
        if (RowLayout.FindOnnxFault(input[InputColumnName]) is { } fault)
            return fault;
        var graph = new OnnxGraph();
        ToOnnx(graph);
        return OnnxStep.FindFault(graph);
    }

    /// <summary>What the way back is made of.</summary>
    private protected abstract AutoencoderDecoderTransformer.State DecoderState(string outputColumnName, string inputColumnName);

    /// <summary>What bounds of rows are made by, where there is a column of them.</summary>
    /// <param name="decoder">The scoring form of the decoder.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    private protected virtual EncodedScores CreateBounds(EmbeddingScorer decoder, int capacity) => throw new NotSupportedException();

    /// <summary>The same in a graph: (B, 1), of what the encoder gives and of what it reads.</summary>
    private protected virtual OnnxValue BoundInOnnx(OnnxGraph graph, OnnxValue encoded, OnnxValue prepared) => throw new NotSupportedException();

    /// <summary>Draws what the decoder reads, row by row; a row does not depend on how many there are.</summary>
    /// <exception cref="InvalidOperationException">Nothing was learned to draw codes from.</exception>
    private protected abstract float[] Draw(int count, int seed);

    private protected sealed override IEnumerable<ILazyScorer> Scorers => [_encoder, _decoder];

    private float[] Encode(float[] row, string argument)
    {
        ArgumentNullException.ThrowIfNull(row, argument);
        RowLayout layout = _model.Layout;
        if (row.Length != layout.Size)
            throw new ArgumentException(FormattableString.Invariant($"A row has {layout.Size} values, but this one has {row.Length}."), argument);
        float[] prepared = new float[layout.InputSize], encoded = new float[_codes.EncodedSize];
        if (!layout.Prepare(row, prepared))
            throw new ArgumentException("A row must have finite values, but one of this one is not.", argument);
        _encoder.Value.Embed(prepared, 1, encoded);
        return encoded;
    }

    // Latents of rows, one after the other, to rows.
    private float[][] Decode(float[] latents)
    {
        float[] decoded = BatchedEmbedding.All(latents, _decoder.Value, _model.Decoder, () => Host.ThrowIfCanceled(Environment));
        int size = _model.Layout.Size;
        float[][] rows = new float[latents.Length / _codes.LatentSize][];
        for (int row = 0; row < rows.Length; row++)
            _model.Layout.Restore(decoded.AsSpan(row * size, size), rows[row] = new float[size]);
        return rows;
    }

    private RowView Rows(float[][] rows) => _columns.HasPictures
        ? new RowView(InputColumnName, _model.Layout.Image!.Value, _columns.PicturesHaveSize, rows)
        : new RowView(InputColumnName, [.. _columns.Dimensions], rows);
}
