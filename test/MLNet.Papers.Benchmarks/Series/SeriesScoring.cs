using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Benchmarks.Series;

/// <summary>Scoring series of 1,000 steps from a data view, against libtorch's own LSTM of the same hidden size in batches, each in its own process.</summary>
internal abstract class SeriesScoring : Comparison
{
    private const int Rows = 256;
    private const int Steps = 1_000;
    private const int Channels = 2;
    private const int BatchSize = 64;

    /// <summary>Units of the LSTM.</summary>
    protected const int Units = 128;

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        float[][] series = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Steps * Channels).Select(_ => random.NextSingle()).ToArray())];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Series)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Steps * Channels);
        IDataView view = ml.Data.Cache(ml.Data.LoadFromEnumerable(series.Select(row => new Row { Series = row }), schema));
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(Ours(ml, view), Peer(series), turns: 5);
        return Task.FromResult(
            new Measured(Text($"{ratio:F2}"), Text($"{Rows / ours.TotalSeconds:N0} against {Rows / peer.TotalSeconds:N0} rows a second")));
    }

    /// <summary>The layer that is scored.</summary>
    protected abstract Layer Layer { get; }

    private Action Ours(MLContext ml, IDataView view)
    {
        var architecture = new SeriesArchitecture { Channels = Channels, Symbols = 0, EmbeddingSize = 0, Layers = [Layer], Outputs = 1 };
        using var drawn = new InitialWeights(1);
        using var module = new WeightModule(architecture.AllWeights());
        var model = new SeriesModel(nameof(Row.Series), Steps * Channels, 0, architecture, NetworkWeights.Of(architecture, module), null);
        var transformer = new SeriesRegressionTransformer(ml, new(model, IsNumber: true));
        return () =>
        {
            IDataView scored = transformer.Transform(view);
            DataViewSchema.Column column = scored.Schema["Score"];
            using DataViewRowCursor cursor = scored.GetRowCursor([column]);
            ValueGetter<float> getter = cursor.GetGetter<float>(column);
            float score = 0;
            while (cursor.MoveNext())
                getter(ref score);
        };
    }

    private static Action Peer(float[][] series)
    {
        TorchSharp.Modules.LSTM lstm = nn.LSTM(Channels, Units);
        TorchSharp.Modules.Linear head = nn.Linear(Units, 1);
        return () =>
        {
            using IDisposable inference = inference_mode();
            foreach (float[][] batch in series.Chunk(BatchSize))
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor input = tensor(batch.SelectMany(row => row).ToArray(), [batch.Length, Steps, Channels]).transpose(0, 1).contiguous();
                _ = head.call(lstm.call(input, null).Item1[Steps - 1]).data<float>().ToArray();
            }
        };
    }

    private sealed class Row
    {
        public float[] Series { get; set; } = [];
    }
}

/// <summary>JANET.</summary>
internal sealed class JanetScoring : SeriesScoring
{
    public override string Name => "JANET: scoring series of 1,000 steps, against an LSTM of libtorch of the same hidden size";

    public override string Goal => "≥ 1.5 times its rows per second";

    protected override Layer Layer => new Layers.Janet(1, Units);
}

/// <summary>Our own LSTM, for comparison.</summary>
internal sealed class LstmScoring : SeriesScoring
{
    public override string Name => "LSTM of ours: scoring series of 1,000 steps, against that of libtorch";

    public override string Goal => "-";

    protected override Layer Layer => new Lstm(1, Units);
}

/// <summary>A trellis network that looks back over all steps.</summary>
internal sealed class TrellisScoring : SeriesScoring
{
    public override string Name => "TrellisNet: scoring series of 1,000 steps, ten levels, against an LSTM of libtorch";

    public override string Goal => "-";

    protected override Layer Layer => new Trellis(64, 64, 10, 2, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
}
