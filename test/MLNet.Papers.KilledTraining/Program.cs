// A training that somebody kills: run again with the same checkpoint folder, it goes on. It says at which step it begins and when it is done.
// Usage: MLNet.Papers.KilledTraining episodes|generations|texts CHECKPOINTS|- MODEL.zip
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;
using TorchSharp;

torch.set_num_threads(1);
var ml = new MLContext(seed: 1);
string? folder = args[1] == "-" ? null : args[1];
var random = new Random(1);
Row[] rows = [.. Enumerable.Range(0, 240).Select(row => new Row
{
    Label = $"class {row % 12}",
    Text = $"word{row % 12} word{row * 7 % 40} word{row * 13 % 40}",
    Features = [.. Enumerable.Range(0, 16).Select(i => (i == row % 12 ? 1 : 0) + random.NextSingle())],
})];
IDataView data = ml.Data.LoadFromEnumerable(rows);
bool hasBegun = false;
var progress = new SynchronousProgress(report =>
{
    if (hasBegun)
        return;
    hasBegun = true;
    Console.WriteLine($"step {report.Step}");
});
IEstimator<ITransformer> trainer = args[0] == "episodes"
    ? ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new()
    {
        Ways = 5,
        Episodes = 3_000,
        LearningRateDecay = LearningRateDecay.Cosine,
        CheckpointFolder = folder,
        CheckpointInterval = 50,
        Progress = progress,
    })
    : args[0] == "texts"
    ? ml.MulticlassClassification.Trainers.FastText("Label", "Text", new()
    {
        Epochs = 300,
        WordNgrams = 2,
        Buckets = 1_000,
        ValidationFraction = 0.2,
        CheckpointFolder = folder,
        Progress = progress,
    })
    : ml.MulticlassClassification.Trainers.BornAgainNetwork(options: new()
    {
        Generations = 2,
        Epochs = 150,
        BatchSize = 32,
        ValidationFraction = 0.2,
        ValidationInterval = 30,
        CheckpointFolder = folder,
        CheckpointInterval = 50,
        Progress = progress,
    });
ml.Model.Save(trainer.Fit(data), data.Schema, args[2]);
Console.WriteLine("done");

internal sealed class Row
{
    public string Label { get; set; } = "";

    public string Text { get; set; } = "";

    [VectorType(16)]
    public float[] Features { get; set; } = [];
}

internal sealed class SynchronousProgress(Action<TrainingProgress> then) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => then(value);
}
