using System.Globalization;
using System.IO.Hashing;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Persistence.Golden;

/// <summary>A model that some version of this package saved, and a text file with what it said of <see cref="Rows"/> then.</summary>
/// <remarks>
/// The text file's lines: comments, which say how the model was made; the hash of its weights and prototypes; and for each row the predicted class, the
/// scores and the embedding.
/// </remarks>
internal sealed record GoldenModel(string Name)
{
    private const string Embedding = "Embedding";

    public static IReadOnlyList<string> Names { get; } = ["perceptron", "convolution"];

    /// <summary>Six rows of three classes; an image is 1 × 6 × 6.</summary>
    public HandWrittenView Rows => new(HandWrittenColumn.Vectors("Features", Clusters.Features(3, 2, Size, seed: 77, spread: 0.5)));

    private int Size => Name == "convolution" ? 36 : 5;

    /// <summary>Trains a model of this kind with the present code.</summary>
    public PrototypicalNetworkTransformer Train()
    {
        const int Each = 8;
        var options = new PrototypicalNetworkOptions { Episodes = 30, LearningRate = 0.01, EmbeddingColumnName = Embedding, QueriesPerClass = 4 };
        HandWrittenColumn label;
        if (Name == "convolution")
        {
            (options.ImageShape, options.Filters, options.Blocks, options.Distance, options.AffineJitter) =
                (new ImageShape(1, 6, 6), 3, 2, Distance.Cosine, 0.5);
            (options.Temperature, options.Rotations) = (0.1, true);
            label = HandWrittenColumn.Of<int>("Label", NumberDataViewType.Int32, [.. Clusters.Labels(3, Each).Select(index => 10 * (index - 1))]);
        }
        else
        {
            (options.HiddenUnits, options.EmbeddingSize, options.Temperature) = ([7, 6], 4, 3);
            label = HandWrittenColumn.Keys(
                "Label", [.. Clusters.Labels(3, Each).Select(index => index == 2 ? 4u : (uint)index + 1)], "eins", "zwei", "leer", "vier");
        }

        var data = new HandWrittenView(HandWrittenColumn.Vectors("Features", Clusters.Features(3, Each, Size, seed: 77, spread: 0.5)), label);
        return new MLContext(seed: 1).MulticlassClassification.Trainers.PrototypicalNetwork(options: options).Fit(data);
    }

    /// <summary>What a model says of <see cref="Rows"/>, in the lines of the text file.</summary>
    public IEnumerable<string> Describe(PrototypicalNetworkTransformer model)
    {
        yield return $"weights {Hash(model):x16}";
        IDataView scored = model.Transform(Rows);
        string[] predicted = Scoring.Rows.Predicted(scored);
        float[][] scores = Scoring.Rows.Vectors(scored, "Score"), embeddings = Scoring.Rows.Vectors(scored, Embedding);
        for (int row = 0; row < predicted.Length; row++)
            yield return $"row {predicted[row]} | {Text(scores[row])} | {Text(embeddings[row])}";

        static string Text(float[] values) => string.Join(" ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Writes this model and its text file, as the present code makes them.</summary>
    public void Write(string folder)
    {
        using PrototypicalNetworkTransformer model = Train();
        new MLContext().Model.Save(model, Rows.Schema, Path.Combine(folder, $"{Name}.zip"));
        File.WriteAllLines(Path.Combine(folder, $"{Name}.txt"),
        [
            $"# {Name}.zip: a prototypical network that {typeof(PrototypicalNetworkTransformer).Assembly.GetName().Name} " +
            $"{Version(typeof(PrototypicalNetworkTransformer))} trained and saved",
            $"# with ML.NET {Version(typeof(MLContext))} and TorchSharp {Version(typeof(TorchSharp.torch))}, from GoldenModel.Train beside this file, " +
            "seed 1, on one thread of a CPU.",
            "# Made with: MLNET_PAPERS_GOLDEN=FOLDER MLNet.Papers.Tests --filter FullyQualifiedName~GoldenModelTests, which writes new files into FOLDER.",
            "# A file that is here stays as it is: a change of the format adds files and must read these.",
            .. Describe(model),
        ]);

        static string Version(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
    }

    private static ulong Hash(PrototypicalNetworkTransformer model)
    {
        var hash = new XxHash64();
        foreach ((string name, _) in model.Architecture.Weights())
            hash.Append(MemoryMarshal.AsBytes(model.Weights[name].AsSpan()));
        foreach (Prototype prototype in model.Prototypes)
            hash.Append(MemoryMarshal.AsBytes(prototype.Values.Span));
        return hash.GetCurrentHashAsUInt64();
    }
}
