using MLNet.Papers.Bert;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The losses of fine-tuning, by hand.</summary>
[TestClass]
public sealed class FineTuningLossTests
{
    [TestMethod]
    public void Texts_have_the_cross_entropy_of_their_classes()
    {
        using DisposeScope scope = NewDisposeScope();
        var rows = new ClassifiedTexts();
        foreach (int label in (int[])[0, 1, 0])
            rows.Add(label);
        // Sequences 2 and 1: of class 0 with the logits 1 and 0, of class 1 with 2 and 5.
        Tensor loss = rows.Loss(Batch(zeros(2, 3, 2), tensor(new float[,] { { 1, 0 }, { 2, 5 } })), [2, 1]);
        Assert.AreEqual((Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(-3))) / 2, loss.item<float>(), 1e-6);
    }

    [TestMethod]
    public void Scores_have_the_squared_error_on_their_scale()
    {
        using DisposeScope scope = NewDisposeScope();
        var rows = new ScoredTexts();
        foreach (float score in (float[])[10, 20, 30])
            rows.Add(score);
        StandardScale scale = rows.Scale();
        rows.Apply(scale);
        Assert.AreEqual(20, scale.Means[0], 1e-9);
        double deviation = Math.Sqrt(200.0 / 3);
        // 10 is -10 / deviation on the scale, 30 is 10 / deviation; 0 and 1 are given.
        Tensor loss = rows.Loss(Batch(zeros(2, 3, 1), tensor(new float[,] { { 0 }, { 1 } })), [0, 2]);
        Assert.AreEqual((Math.Pow(10 / deviation, 2) + Math.Pow((10 / deviation) - 1, 2)) / 2, loss.item<float>(), 1e-5);
    }

    [TestMethod]
    public void A_word_is_judged_by_its_first_piece_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        var rows = new TaggedTexts();
        rows.Add([(1, 0), (3, 1)]);
        rows.Add([(2, 1)]);
        Assert.AreEqual(2, rows.Items(0));
        // The pieces that are no first ones, and the marks, would give an infinite loss.
        float[,,] top = { { { 9, 9 }, { 3, 1 }, { -99, 99 }, { 0, 2 }, { 9, 9 } }, { { 9, 9 }, { 99, -99 }, { 1, 1 }, { 9, 9 }, { 9, 9 } } };
        Tensor loss = rows.Loss(Batch(tensor(top), null), [0, 1]);
        // Of class 0 with 3 and 1, of class 1 with 0 and 2, of class 1 with 1 and 1.
        double expected = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(-2)) + Math.Log(2)) / 3;
        Assert.AreEqual(expected, loss.item<float>(), 1e-6);
        Assert.AreEqual(Math.Log(2), rows.Loss(Batch(tensor(top)[1..2], null), [1]).item<float>(), 1e-6);
    }

    [TestMethod]
    public void An_answer_is_chosen_among_the_places_of_the_context_and_the_mark_before_all()
    {
        using DisposeScope scope = NewDisposeScope();
        var rows = new AnsweredQuestions();
        rows.Add((3, 4), (3, 4));  // [CLS] q [SEP] c c [SEP]
        rows.Add((3, 4), (0, 0));  // the answer is not in this window
        float[,,] top =
        {
            { { 0, 0 }, { 50, 50 }, { 50, 50 }, { 2, 1 }, { 1, 3 }, { 50, 50 } },
            { { 1, 2 }, { 50, 50 }, { 50, 50 }, { 1, 0 }, { 1, 0 }, { 50, 50 } },
        };
        Tensor loss = rows.Loss(Batch(tensor(top), null), [0, 1]);
        double starts = (Math.Log(1 + Math.Exp(-1) + Math.Exp(-2)) + Math.Log(3)) / 2;
        double ends = (Math.Log(1 + Math.Exp(-2) + Math.Exp(-3)) + Math.Log(1 + (2 * Math.Exp(-2)))) / 2;
        Assert.AreEqual((starts + ends) / 2, loss.item<float>(), 1e-6);
    }

    // What the head would give stands in the layer already.
    private static EncodedBatch Batch(Tensor top, Tensor? text) => new(top, () => text!, values => values);
}
