using Microsoft.ML.Data;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.FastText;

/// <summary>
/// Models that an earlier version saved: Golden/vectors.zip holds RandomModels.Vectors(), classifier.zip RandomModels.Quantized() with its labels as classes.
/// </summary>
[TestClass]
public sealed class SavedModelTests
{
    private const string Text = "the grey boat and an unheard owl";

    [TestMethod]
    public void Word_vectors_saved_earlier_are_read()
    {
        using var model = (FastTextTransformer)ModelFile.Load(File.ReadAllBytes(Golden("vectors.zip")));
        CollectionAssert.AreEqual(RandomModels.Bytes(RandomModels.Vectors()), RandomModels.Bytes(model.Model));
        CollectionAssert.AreEqual(RandomModels.Vectors().GetSentenceVector(Text), model.Transform(Data()).GetColumn<float[]>("Vector").Single());
    }

    [TestMethod]
    public void A_classifier_saved_earlier_is_read()
    {
        using var model = (FastTextClassifierTransformer)ModelFile.Load(File.ReadAllBytes(Golden("classifier.zip")));
        CollectionAssert.AreEqual(RandomModels.Bytes(RandomModels.Quantized()), RandomModels.Bytes(model.Model));
        IReadOnlyList<LabelProbability> expected = RandomModels.Quantized().Predict(Text, k: 6);
        float[] scores = model.Transform(Data()).GetColumn<float[]>("Score").Single();
        foreach (LabelProbability label in expected)
            Assert.AreEqual(label.Probability, scores[Array.IndexOf(RandomModels.Labels, label.Label)], 2e-5);
    }

    private static string Golden(string name) => Repository.Path("test", "MLNet.Papers.Tests", "FastText", "Golden", name);

    private static MemoryView Data() => new([MemoryColumn.Texts("Text", [Text])]);
}
