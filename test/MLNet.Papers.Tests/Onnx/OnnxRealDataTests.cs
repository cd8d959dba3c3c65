using System.Text.Json;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>Written models on real characters and on a published language model's own sentences, where these lie beside the repository.</summary>
[TestClass]
public sealed class OnnxRealDataTests
{
    [TestMethod]
    public void Characters_of_Omniglot()
    {
        string archive = Path.Combine(Path.GetDirectoryName(Repository.Root)!, "shared", "data", "omniglot", "images_background_small1.zip");
        if (!File.Exists(archive))
        {
            Assert.Inconclusive("Omniglot is not in ../shared/data/omniglot.");
            return;
        }

        using var files = new FileTree(archive);
        string[] paths = [.. files.Paths.Where(ImageReader.IsImage).Take(60)];
        string[] classes = [.. paths.Select(FileTree.FolderOf).Distinct()];
        var images = new MemoryView(
        [
            MemoryColumn.Keys("Label", [.. paths.Select(path => (uint)Array.IndexOf(classes, FileTree.FolderOf(path)) + 1)], classes),
            MemoryColumn.Vectors("Features", [.. paths.Select(path => ImageReader.Read(files, path))]),
        ]);
        var options = new PrototypicalNetworkOptions { ImageShape = new(1, 28, 28), Filters = 16, Ways = 3, Shots = 1, QueriesPerClass = 3, Episodes = 10 };
        using PrototypicalNetworkTransformer network = new MLContext(seed: 1).MulticlassClassification.Trainers.PrototypicalNetwork(options: options)
            .Fit(images);
        using var model = new OnnxModel(network);
        OnnxChecks.AssertSame(network, model, images, "Omniglot's characters");
    }

    [TestMethod]
    public void Sentences_of_the_published_language_model()
    {
        using PublishedFiles? files = PublishedFiles.Shared();
        if (files is null)
        {
            Assert.Inconclusive("The tiny published model is not in ../shared/data/elmo.");
            return;
        }

        string[] sentences = [.. JsonSerializer.Deserialize<string[][]>(File.ReadAllText(files.SentencesPath))!.SelectMany(stream => stream)];
        var texts = new MemoryView([MemoryColumn.Texts("Text", sentences)]);
        var outputs = new ElmoOutputOptions { Representation = ElmoRepresentation.AllLayers, TokenVectorsColumnName = "Vectors" };
        using ElmoTransformer elmo = new MLContext(seed: 1).Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, outputs)
            .Fit(texts);
        using var model = new OnnxModel(elmo);
        OnnxChecks.AssertSame(elmo, model, texts, "the published sentences");
    }
}
