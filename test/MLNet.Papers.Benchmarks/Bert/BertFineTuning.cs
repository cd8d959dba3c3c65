using Microsoft.ML;
using MLNet.Papers.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.Bert;

/// <summary>Our trainer, from the data view to the fitted transformer, against a bare loop over the pieces of the same texts.</summary>
internal abstract class BertFineTuning : Comparison
{
    private const int Texts = 256;
    private const int Classes = 4;
    private const int BatchSize = 32;

    public override string Goal => "≥ 1.0 of its steps per second";

    /// <summary>How many words a text has.</summary>
    protected abstract int Words(Random random);

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, Texts).Select(i => new Row
        {
            Label = $"class {i % Classes}",
            Text = string.Join(' ', Enumerable.Range(0, Words(random)).Select(_ => BenchmarkEncoder.Word(random))),
        })];
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        BertTransformer bert = BenchmarkEncoder.Create(ml);
        int[][] pieces = [.. rows.Select(row => BenchmarkEncoder.Pieces(bert, row.Text))];
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.MulticlassClassification.Trainers.BertClassifier(
                "Label", "Text", bert, options: new() { Epochs = 1, BatchSize = BatchSize, Pooling = Pooling.First }).Fit(view).Dispose(),
            () => BareLoop(pieces, [.. rows.Select(row => (long)(row.Label[^1] - '0'))]),
            turns: 3);
        double steps = (double)Texts / BatchSize;
        return Task.FromResult(new Measured(Text($"{ratio:F2}"), Text($"{ours.TotalSeconds / steps:F2} against {peer.TotalSeconds / steps:F2} s a step, ") +
            Text($"{pieces.Average(text => text.Length):F0} pieces a text; {get_num_threads()} threads of torch")));
    }

    // Batches are drawn at random and padded to their longest text.
    private static void BareLoop(int[][] pieces, long[] classes)
    {
        using DisposeScope outer = NewDisposeScope();
        BertArchitecture shape = BenchmarkEncoder.Architecture;
        using var network = new BareEncoder(
            shape.Pieces, shape.Positions, shape.HiddenSize, shape.Layers, shape.Heads, shape.InnerSize, Classes, dropout: 0.1);
        using optim.Optimizer optimizer = optim.AdamW(network.parameters(), 5e-5, 0.9, 0.999, 1e-6, 0.01);
        int[] order = [.. Enumerable.Range(0, pieces.Length)];
        new Random(1).Shuffle(order);
        network.train();
        foreach (int[] batch in order.Chunk(BatchSize))
        {
            using DisposeScope scope = NewDisposeScope();
            int longest = batch.Max(text => pieces[text].Length);
            long[] ids = new long[batch.Length * longest];
            float[] mask = new float[ids.Length];
            Array.Fill(mask, -10_000);
            for (int row = 0; row < batch.Length; row++)
            {
                for (int piece = 0; piece < pieces[batch[row]].Length; piece++)
                    (ids[(row * longest) + piece], mask[(row * longest) + piece]) = (pieces[batch[row]][piece], 0);
            }

            optimizer.zero_grad();
            Tensor logits = network.forward(tensor(ids, [batch.Length, longest]), tensor(mask, [batch.Length, 1, 1, longest]));
            Tensor loss = nn.functional.cross_entropy(logits, tensor(Array.ConvertAll(batch, text => classes[text])));
            loss.backward();
            nn.utils.clip_grad_norm_(network.parameters(), 1);
            optimizer.step();
            _ = loss.item<float>();
        }
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public string Text { get; set; } = "";
    }
}

/// <summary>Texts of one length, where there is nothing to pad.</summary>
internal sealed class BertFineTuningOfOneLength : BertFineTuning
{
    public override string Name => "BERT: fine-tuning MiniLM's shape, 32 texts of 30 words a step, against a bare TorchSharp loop";

    protected override int Words(Random random) => 30;
}

/// <summary>Texts of the lengths of sentences.</summary>
internal sealed class BertFineTuningOfSentences : BertFineTuning
{
    public override string Name => "BERT: fine-tuning MiniLM's shape, 32 texts of 4 to 60 words a step, against a bare TorchSharp loop";

    protected override int Words(Random random) => 4 + (int)(56 * Math.Pow(random.NextDouble(), 2));
}
