using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.LanguageModel;

/// <summary>The rows that a language model makes, and what it says of tokens that it does not know.</summary>
[TestClass]
public sealed class GenerationTests
{
    public static IEnumerable<object[]> Kinds => Enum.GetValues<LanguageModelKind>().Select(kind => new object[] { kind });

    [TestMethod, DynamicData(nameof(Kinds))]
    public void Rows_come_as_often_as_they_are_likely(LanguageModelKind kind)
    {
        const int Count = 20_000;
        using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(kind), keys: 2);
        foreach (double temperature in new[] { 1, 0.5 })
        {
            uint[][] made = SmallLanguageModel.Keys(model.Generate(Count, temperature, seed: 4, maxLength: 2));
            int[][] rows = [[], [1], [2], [1, 1], [1, 2], [2, 1], [2, 2]];
            // p(token | before) ~ exp(ln p / temperature), over all tokens.
            foreach (int[] row in rows)
            {
                double expected = 1;
                for (int place = 0; place < Math.Min(2, row.Length + 1); place++)
                {
                    double[] all = [.. Enumerable.Range(0, 3).Select(token => Math.Exp(Said(model, row[..place], token) / temperature))];
                    expected *= all[place < row.Length ? row[place] : 0] / all.Sum();
                }

                double found = made.Count(one => one.Select(key => (int)key).SequenceEqual(row)) / (double)Count;
                Assert.AreEqual(expected, found, 0.015, $"[{string.Join(", ", row)}] at temperature {temperature}");
            }
        }
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void Next_to_temperature_0_the_likeliest_token_is_taken(LanguageModelKind kind)
    {
        using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(kind), keys: 4);
        List<int> row = [];
        while (row.Count < model.MaxLength && Enumerable.Range(0, 5).MaxBy(token => Said(model, [.. row], token)) is var next and > 0)
            row.Add(next);
        foreach (double temperature in new[] { 1e-6, 1e-30, double.Epsilon })
        {
            foreach (uint[] made in SmallLanguageModel.Keys(model.Generate(3, temperature)))
                CollectionAssert.AreEqual(row, made.Select(key => (int)key).ToList());
        }
    }

    [TestMethod]
    public void A_temperature_must_be_above_0_and_finite()
    {
        using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(LanguageModelKind.Lstm), keys: 2);
        foreach (double temperature in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Expect.Throws($"Generate at {temperature}", () => model.Generate(1, temperature), typeof(ArgumentOutOfRangeException));
        Expect.Throws("Generate(-1)", () => model.Generate(-1), typeof(ArgumentOutOfRangeException));
        Expect.Throws("Generate of no tokens", () => model.Generate(1, maxLength: 0), typeof(ArgumentOutOfRangeException));
        Assert.IsEmpty(SmallLanguageModel.Keys(model.Generate(0)));
    }

    [TestMethod]
    public void All_rows_have_the_length_of_their_type()
    {
        using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(LanguageModelKind.TrellisNet), keys: 3, length: 4);
        IDataView made = model.Generate(20, seed: 1, maxLength: 2);
        Assert.AreEqual(4, ((VectorDataViewType)made.Schema["Keys"].Type).Size);
        Assert.IsTrue(SmallLanguageModel.Keys(made).All(row => row.Length == 4 && row.All(key => key is >= 1 and <= 3)));
    }

    [TestMethod]
    public void Texts_are_made_of_known_tokens_as_they_were_read()
    {
        var ml = new MLContext(seed: 2);
        MemoryView texts = new([MemoryColumn.Texts("Text", Enumerable.Range(0, 40).Select(row => row % 4 == 0 ? $"only{row} here" : "a  b\tb 🙂"))]);
        LanguageModelOptions options = new() { HiddenSize = 8, Epochs = 3, MinCount = 2 };
        using LanguageModelTransformer words = ml.Generation.Trainers.LanguageModel("Text", options).Fit(texts);
        string[] made = [.. words.Generate(50, seed: 1).GetColumn<string>("Text")];
        string[] tokens = [.. made.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct()];
        CollectionAssert.IsSubsetOf(tokens, new[] { "a", "b", "🙂", "here" });
        Assert.IsTrue(made.All(text => text == string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.AreEqual(10.0 / 180, words.Evaluate(texts).UnknownRate, 1e-9);  // 30 rows of 4 tokens, 10 of 2, and 40 ends

        options.Level = TokenLevel.Character;
        using LanguageModelTransformer characters = ml.Generation.Trainers.LanguageModel("Text", options).Fit(texts);
        CollectionAssert.Contains(characters.Tokens.ToArray(), "🙂");
        foreach (string text in characters.Generate(50, seed: 1).GetColumn<string>("Text"))
            Assert.IsTrue(text.EnumerateRunes().All(rune => characters.Tokens.Contains(rune.ToString())), text);
    }

    [TestMethod]
    public void A_token_that_training_never_met_is_said_once_or_refused()
    {
        var ml = new MLContext(seed: 2);
        List<string> warnings = [];
        ml.Log += (_, log) =>
        {
            if (log.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(log.Message);
        };
        MemoryView texts = new([MemoryColumn.Texts("Text", Enumerable.Repeat("abba", 30))]), others = new([MemoryColumn.Texts("Text", ["ab", "axa", "zz"])]);
        LanguageModelOptions options = new() { HiddenSize = 8, Epochs = 300, LearningRate = 1e-2, Level = TokenLevel.Character };
        using LanguageModelTransformer model = ml.Generation.Trainers.LanguageModel("Text", options).Fit(texts);
        float[][] said = SmallLanguageModel.PerToken(model, others);
        // 30 rows with 4 tokens and an end: 150 predictions.
        Assert.AreEqual(-Math.Log(151), said[1][1], 1e-5);
        Assert.AreEqual(1, warnings.Count(warning => warning.Contains("'x'", StringComparison.Ordinal)));
        Assert.AreEqual(0, warnings.Count(warning => warning.Contains("'z'", StringComparison.Ordinal)));
        Assert.AreEqual(3.0 / 10, model.Evaluate(others).UnknownRate, 1e-9);

        options.FailOnUnknown = true;
        using LanguageModelTransformer strict = ml.Generation.Trainers.LanguageModel("Text", options).Fit(texts);
        Exception error = Expect.Throws(
            "An unknown token", () => SmallLanguageModel.PerToken(strict, others), typeof(InvalidOperationException));
        Assert.Contains("Column 'Text' has the token 'x' in row 1", error.Message);
    }

    [TestMethod]
    public void A_missing_key_is_refused_by_name()
    {
        using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(LanguageModelKind.Lstm), keys: 2);
        MemoryView rows = SmallLanguageModel.Rows(2, [1, 2], [1, 0, 2]);
        Exception error = Expect.Throws("A missing key", () => SmallLanguageModel.PerToken(model, rows), typeof(InvalidOperationException));
        Assert.Contains("Column 'Keys' must have no missing keys, but has one in row 1.", error.Message);
        error = Expect.Throws(
            "Fit with a missing key", () => new MLContext().Generation.Trainers.LanguageModel("Keys").Fit(rows), typeof(InvalidOperationException));
        Assert.Contains("row 1", error.Message);
    }

    // ln p of a token, or of the end, behind a row.
    private static double Said(LanguageModelTransformer model, int[] row, int token) =>
        SmallLanguageModel.PerToken(model, SmallLanguageModel.Rows(model.Saved.Symbols.KeyCount, token == 0 ? row : [.. row, token]))[0][row.Length];
}
