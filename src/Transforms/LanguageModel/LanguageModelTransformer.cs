using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.LanguageModel;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;
using MLNet.Papers.Texts;

[assembly: LoadableModel<LanguageModelTransformer>("LanguageModel")]

namespace MLNet.Papers;

/// <summary>Says how likely rows of tokens are, and makes rows like those that it was fitted to.</summary>
/// <remarks>
/// <para><b>Input.</b> As in training: a text, a vector of texts or a vector of keys. A row may have no tokens; a missing key is refused. Nothing of a long row
/// is cut, and memory does not grow with its length.</para>
/// <para><b>Output.</b> LogProbability: a Single, ln p(row) in nats, the sum over its tokens and its end. LogProbability.PerToken: a vector of Single, of each
/// token and of the end, given what stands before. With <see cref="FeaturesColumnName"/> a vector of Single: what the network's last layer says when all of
/// the row was read.</para>
/// <para><b>Unknown tokens.</b> A token that is not in the vocabulary has the probability that any unknown token has there. Where training met none, that
/// probability was never learned, and is at least 1 / (N + 1), N being what was predicted in training; the log says so once, or the row is refused with
/// <c>FailOnUnknown</c>.</para>
/// <para><b>ONNX.</b> Inputs: the name of <see cref="InputColumnName"/>, Int64 (batch, time), the numbers of tokens: keys as they are; of texts 1 for an
/// unknown token and from 2 on those of <see cref="Tokens"/>; 0 does behind the end. And that name with "Lengths" behind it, Int64 (batch, 1): how many tokens
/// each row has. Outputs: LogProbability, Single (batch, 1); LogProbability.PerToken, Single (batch, time + 1), with zeros behind the end; the features, Single
/// (batch, size).</para>
/// <para><b>Cost.</b> Rows are read step by step on the CPU, also where <c>mlContext.GpuDeviceId</c> names a GPU, which trains. The values do not depend on
/// what else is scored.</para>
/// </remarks>
public sealed class LanguageModelTransformer : ExportableTransformer, IGenerator, ISavedTransformer<LanguageModelTransformer>
{
    internal const string Score = "LogProbability";
    internal const string PerToken = "LogProbability.PerToken";

    // Rows that are generated side by side.
    private const int RowsOfAGroup = 48;
    private const int PreferredBatchSize = 256;

    // More tokens are not read ahead, so that a batch of long rows takes no more memory than one of short ones.
    private const int MostTokens = 1 << 20;

    private readonly State _state;
    private readonly Lazy<LanguageModelNetwork> _network;

    internal LanguageModelTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        BatchSize = ScoringMemory.Rows(PreferredBatchSize, state.Architecture.FeatureSize);
        _network = new(() => new(state.Architecture, state.Weights));
    }

    /// <summary>The name of the column of rows.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <summary>The name of the column of the last state; null if there is none.</summary>
    public string? FeaturesColumnName => _state.FeaturesColumnName;

    /// <summary>The tokens that are known, the most frequent first; empty where they are keys.</summary>
    public IReadOnlyList<string> Tokens => _state.Symbols.Vocabulary?.Words ?? [];

    /// <summary>The most tokens of a generated row, unless it is said otherwise.</summary>
    public int MaxLength => _state.MaxLength;

    /// <summary>How many numbers the network was trained to have.</summary>
    public long ParameterCount => _state.Architecture.ParameterCount;

    internal override bool ScoresInBatches => true;

    /// <summary>The network.</summary>
    internal LanguageModelNetwork Network => _network.Value;

    /// <summary>What is saved.</summary>
    internal State Saved => _state;

    private protected override IEnumerable<InputColumn> Inputs => [_state.Column];

    private protected override IModelRecord SavedState => _state;

    /// <summary>The columns.</summary>
    /// <param name="features">The name of the column of the last state; null for none.</param>
    /// <param name="size">The length of its vectors; any will do where an estimator promises it.</param>
    internal static IEnumerable<OutputColumn> Columns(string? features, int size = 1)
    {
        yield return new(Score, NumberDataViewType.Single);
        yield return new(PerToken, new VectorDataViewType(NumberDataViewType.Single));
        if (features is not null)
            yield return OutputColumn.Embedding(features, size);
    }

    /// <summary>Measures how well rows are predicted.</summary>
    /// <param name="data">Rows in the column <see cref="InputColumnName"/>.</param>
    /// <returns>The measures over all rows together; a row without tokens counts with its end.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows; or a row has a missing key, or with <c>FailOnUnknown</c> an unknown token.</exception>
    public LanguageModelMetrics Evaluate(IDataView data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _state.Column.Require(data.Schema);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[InputColumnName]]);
        var rows = new Rows(this, cursor, BatchSize);
        double sum = 0;
        long predictions = 0, unknown = 0, count = 0;
        for (bool isThere = cursor.MoveNext(); isThere;)
        {
            int slot = 0;
            do
            {
                Host.ThrowIfCanceled(Environment);
                rows.Read(slot++);
                isThere = cursor.MoveNext();
            }
            while (isThere && slot < BatchSize && !rows.IsFull);
            rows.Score(slot, wantsFeatures: false);
            for (int row = 0; row < slot; row++)
            {
                foreach (float own in rows.LogProbabilities(row))
                    sum += own;
            }

            (count, predictions, unknown) = (count + slot, predictions + rows.Batch.Predictions(slot), unknown + rows.Unknown(slot));
        }

        return count > 0
            ? new(Math.Exp(-sum / predictions), -sum / predictions / Math.Log(2), sum / count, predictions, (double)unknown / predictions)
            : throw new InvalidOperationException($"There is nothing to predict: column '{InputColumnName}' has no rows.");
    }

    /// <summary>Makes rows: token after token, drawn from softmax(logits / temperature), until a row ends or is as long as it may be.</summary>
    /// <param name="count">How many rows; at least 0.</param>
    /// <param name="temperature">
    /// 1 draws from the network's own probabilities; less draws likely tokens more often, and next to 0 the likeliest one alone. Greater than 0.
    /// </param>
    /// <param name="seed">The seed; null for that of the <c>MLContext</c>, and any where that has none.</param>
    /// <param name="maxLength">
    /// The most tokens of a row; null for <see cref="MaxLength"/>. At least 1; it has no effect where all rows have the length of their type.
    /// </param>
    /// <returns>
    /// The rows, held in memory, with one column that has the name and type of the training's. Unknown tokens are not drawn. The same seed gives the same rows,
    /// however many are made at once, and after the model was saved and loaded.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public IDataView Generate(int count, double temperature = 1, int? seed = null, int? maxLength = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (!(temperature > 0) || !double.IsFinite(temperature))
        {
            throw new ArgumentOutOfRangeException(
                nameof(temperature), temperature, "The temperature must be greater than 0 and finite. Next to 0 the likeliest token is taken.");
        }

        if (maxLength is { } most)
            ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(maxLength));
        SequenceSymbols symbols = _state.Symbols;
        var drawing = new TokenDrawing(
            seed ?? Host.Seed(Environment) ?? Random.Shared.Next(), temperature, symbols.Length > 0 ? symbols.Length : maxLength ?? MaxLength,
            HasLength: symbols.Length > 0, symbols.AreOpen ? SequenceSymbols.Unknown : -1);
        int[][] rows = new int[count][];
        LanguageModelNetwork network = Network;
        Parallel.ForEach(Enumerable.Range(0, count).Chunk(RowsOfAGroup), group => network.Generate(group[0], group.Length, drawing, rows));
        return symbols.ToRows(InputColumnName, rows);
    }

    IDataView IGenerator.Generate(int count, int? seed) => Generate(count, seed: seed);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [.. Columns(FeaturesColumnName, _state.Architecture.FeatureSize)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(this, input, active, capacity);

    internal override void ToOnnx(OnnxGraph graph)
    {
        SeriesArchitecture network = _state.Architecture;
        OnnxValue tokens = graph.Input(InputColumnName, OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time);
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, InputColumnName), column = graph.Unsqueeze(lengths, 1);
        OnnxValue edge = graph.Multiply(column, graph.Integers(0));  // (B, 1)
        OnnxValue read = graph.Concatenate(1, edge, tokens), steps = graph.Squeeze(graph.Length(read, 1), 0);  // (B, T + 1)
        OnnxValue places = graph.Node("Range", [graph.Integers([], [0]), steps, graph.Integers([], [1])]);
        OnnxValue target = graph.Node("Where", [graph.Node("Less", [places, column]), graph.Concatenate(1, tokens, edge), graph.Integers(0)]);
        WeightOf<OnnxValue> weight = network.WeightsIn(graph, _state.Weights);
        OnnxValue all = graph.Add(lengths, graph.Integers(1)), outputs = network.OutputsToOnnx(graph, read, all, weight);  // (B, T + 1, P)
        OnnxValue logits = graph.Add(graph.MatrixProduct(outputs, graph.Transpose(weight(network.HeadWeight), 1, 0)), weight("head.bias"));
        OnnxValue own = graph.Node("GatherElements", [graph.Node("LogSoftmax", [logits], ("axis", 2L)), graph.Unsqueeze(target, 2)], ("axis", 2L));
        OnnxValue perToken = graph.Squeeze(own, 2), zero = graph.Number(0);
        if (_state.UnknownFloor is { } floor)
        {
            OnnxValue isUnknown = graph.Node("Equal", [target, graph.Integers(SequenceSymbols.Unknown)]);
            perToken = graph.Node("Where", [isUnknown, graph.Maximum(perToken, graph.Number(floor)), perToken]);
        }

        perToken = graph.Node("Where", [graph.Node("Less", [places, graph.Unsqueeze(all, 1)]), perToken, zero]);
        graph.Output(Score, graph.Sum(perToken, axis: 1, keepsAxis: true), OnnxGraph.Batch, 1);
        graph.Output(PerToken, perToken, OnnxGraph.Batch, $"{OnnxGraph.Time} + 1");
        if (FeaturesColumnName is { } features)
            graph.Output(features, TokenVectorColumns.LastInOnnx(graph, outputs, all), OnnxGraph.Batch, network.FeatureSize);
    }

    private SequenceReader CreateReader(DataViewRow input)
    {
        SequenceSymbols symbols = _state.Symbols;
        return SequenceReader.Create(input, InputColumnName, symbols.Level, token =>
        {
            int number = symbols.Find(token);
            if (number == SequenceSymbols.Unknown && !symbols.HasUnknown)
                MeetUnknown(token, input.Position);
            return number;
        });
    }

    // Says it once, or refuses the row.
    private void MeetUnknown(ReadOnlySpan<char> token, long row)
    {
        string what = FormattableString.Invariant(
            $"Column '{InputColumnName}' has the token '{token.ToString()}' in row {row}, and training had no unknown tokens");
        if (_state.FailOnUnknown)
            throw new InvalidOperationException($"{what}. Leave the row out, or train with FailOnUnknown = false.");
        WarnOnce($"{what}: it is taken for as likely as what comes once. Evaluate gives the part of such tokens.");
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="InputColumnName">The column of rows.</param>
    /// <param name="FeaturesColumnName">The column of the last state; null for none.</param>
    /// <param name="MaxLength">The most tokens of a generated row.</param>
    /// <param name="FailOnUnknown">Whether unknown tokens are refused where training had none.</param>
    /// <param name="Predictions">What was predicted in training, once.</param>
    /// <param name="Symbols">What the tokens are.</param>
    /// <param name="Architecture">The network.</param>
    /// <param name="Weights">Its weights.</param>
    internal sealed record State(
        string InputColumnName,
        string? FeaturesColumnName,
        int MaxLength,
        bool FailOnUnknown,
        long Predictions,
        SequenceSymbols Symbols,
        [Block] SeriesArchitecture Architecture,
        NetworkWeights Weights) : IModelRecord
    {
        public SequenceColumn Column => new(InputColumnName, Symbols.Form, Symbols.KeyCount);

        /// <summary>The least that is said of an unknown token; null where that was learned, and where there are none.</summary>
        public float? UnknownFloor => Symbols is { AreOpen: true, HasUnknown: false } ? (float)-Math.Log(Predictions + 1.0) : null;

        public string? FindFault()
        {
            if (string.IsNullOrWhiteSpace(InputColumnName) || FeaturesColumnName?.Trim() == "" || MaxLength < 1 || MaxLength == int.MaxValue || Predictions < 1)
            {
                return FormattableString.Invariant(
                    $"Block 'options' names the column '{InputColumnName}', rows of {MaxLength} tokens and {Predictions} predictions.");
            }

            if (Architecture.Symbols + 1L != Symbols.Count || Architecture.Outputs != Symbols.Count)
            {
                return FormattableString.Invariant(
                    $"Block 'architecture' reads {Architecture.Symbols} symbols and gives {Architecture.Outputs} numbers, but there are {Symbols.Count}.");
            }

            return ScoringMemory.FindFault(Architecture.ValuesOfAState()) is { } fault ? $"Block 'architecture' describes a network of which {fault}." : null;
        }
    }

    /// <summary>Reads rows and scores them.</summary>
    private sealed class Rows(LanguageModelTransformer owner, DataViewRow input, int capacity)
    {
        private readonly State _state = owner._state;
        private readonly SequenceReader _reader = owner.CreateReader(input);
        private readonly int[] _starts = new int[capacity + 1];
        private int[] _tokens = [];
        private int _read;
        private float[] _logProbabilities = [];

        /// <summary>What was read.</summary>
        public SequenceBatch Batch => new(_tokens, _starts);

        public bool IsFull => _read >= MostTokens;

        /// <summary>What the layers said of the last step of each row.</summary>
        public float[] Features { get; private set; } = [];

        public void Read(int slot)
        {
            if (slot == 0)
                _read = 0;
            _starts[slot] = _read;
            ReadOnlySpan<int> tokens = _reader.Read();
            if (_tokens.Length - _read < tokens.Length)
                Array.Resize(ref _tokens, Math.Max(checked(_read + tokens.Length), 2 * _tokens.Length));
            tokens.CopyTo(_tokens.AsSpan(_read));
            _starts[slot + 1] = _read += tokens.Length;
        }

        public void Score(int count, bool wantsFeatures)
        {
            SequenceBatch batch = Batch;
            if (_logProbabilities.Length < batch.Predictions(count))
                _logProbabilities = new float[Math.Max(batch.Predictions(count), 2 * _logProbabilities.Length)];
            if (wantsFeatures && Features.Length == 0)
                Features = new float[checked(capacity * owner.Network.FeatureSize)];
            owner.Network.Score(batch, count, _logProbabilities, wantsFeatures ? Features : null);
            if (_state.UnknownFloor is not { } floor)
                return;
            for (int row = 0; row < count; row++)
            {
                Span<float> own = LogProbabilities(row);
                for (int place = 0; place < batch.Length(row); place++)
                {
                    if (batch.At(row, place) == SequenceSymbols.Unknown)
                        own[place] = Math.Max(own[place], floor);
                }
            }
        }

        /// <summary>Of each token of a row and of its end.</summary>
        public Span<float> LogProbabilities(int row) => _logProbabilities.AsSpan(Batch.Predictions(row), Batch.Length(row) + 1);

        /// <summary>How many unknown tokens the first rows have.</summary>
        public int Unknown(int count) => _state.Symbols.AreOpen ? _tokens.AsSpan(0, _starts[count]).Count(SequenceSymbols.Unknown) : 0;
    }

    private sealed class Session : ScoringSession
    {
        private readonly Rows _rows;
        private readonly ScalarOutputBuffer<float>? _sum;
        private readonly VariableVectorOutputBuffer<float>? _perToken;
        private readonly VectorOutputBuffer<float>? _features;
        private readonly int _size;

        public Session(LanguageModelTransformer owner, DataViewRow input, bool[] active, int capacity)
        {
            _rows = new(owner, input, capacity);
            _size = owner._state.Architecture.FeatureSize;
            _sum = active[0] ? OutputBuffer.Scalar<float>(capacity) : null;
            _perToken = active[1] ? OutputBuffer.Variable<float>(capacity) : null;
            _features = active.Length > 2 && active[2] ? OutputBuffer.Vector<float>(capacity, _size) : null;
            Outputs = owner.FeaturesColumnName is null ? [_sum, _perToken] : [_sum, _perToken, _features];
        }

        public override IReadOnlyList<OutputBuffer?> Outputs { get; }

        public override bool IsFull => _rows.IsFull;

        public override void ReadRow(int slot) => _rows.Read(slot);

        public override void Score(int count)
        {
            _rows.Score(count, _features is not null);
            for (int row = 0; row < count; row++)
            {
                Span<float> own = _rows.LogProbabilities(row);
                double sum = 0;
                foreach (float one in own)
                    sum += one;
                if (_sum is not null)
                    _sum[row] = (float)sum;
                _perToken?[row] = own.ToArray();
                if (_features is not null)
                    _rows.Features.AsSpan(row * _size, _size).CopyTo(_features[row]);
            }
        }
    }
}
