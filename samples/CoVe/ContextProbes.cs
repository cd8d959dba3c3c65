using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Elmo;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Compares what linear classifiers read off vectors of words in context.</summary>
/// <param name="run">The run.</param>
/// <param name="seed">Seed of all that is random.</param>
/// <param name="epochs">How often the translation reads the pairs.</param>
/// <param name="heldPercent">How many of 100 pairs the encoder does not learn from; drawn by the seed.</param>
/// <param name="note">Receives the figures.</param>
internal sealed class ContextProbes(SampleRun run, int seed, int epochs, int heldPercent, Action<string, double> note)
{
    private const int VectorSize = 100;
    private const int ProbeSentences = 2_500;
    private const string Lowered = "Lowered";

    /// <summary>McCann et al.: what a linear classifier reads off the word vector alone, with an untrained encoder's vector, and with CoVe.</summary>
    /// <param name="pairs">The texts and the translations that the encoder learns from.</param>
    /// <param name="others">The same texts and translations into a language that the encoder never sees.</param>
    /// <param name="alignment">Which word of that language comes from which English one.</param>
    /// <param name="brown">Sentences with parts of speech.</param>
    public void Compare(TokenPair[] pairs, TokenPair[] others, WordAlignment alignment, PartsOfSpeechData brown)
    {
        FastTextModel words = run.NewContext().Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { Dimension = VectorSize, Seed = seed })
            .Fit(
                PlainText.Rows(
                    run.NewContext(), brown.Training.Select(sentence => string.Join(' ', sentence.Select(word => word.Word.ToLowerInvariant()))))).Model;
        int[] order = [.. Enumerable.Range(0, pairs.Length)];
        new Random(seed).Shuffle(order);
        HashSet<int> held = [.. order.Take((int)((long)pairs.Length * heldPercent / 100))];
        TokenPair[] learned = [.. pairs.Where((_, number) => !held.Contains(number))];
        (IReadOnlyList<TranslatedOccurrence> ofLearned, IReadOnlyList<TranslatedOccurrence> ofHeld) = TranslationChoice.Find(others, alignment, held);
        List<(string Name, IReadOnlyList<TranslatedOccurrence> Occurrences, TranslationChoice Choice)> probes =
        [
            ("choice", ofLearned, new(run.NewContext(), ofLearned)),
        ];
        if (held.Count > 0)
            probes.Add(("heldChoice", ofHeld, new(run.NewContext(), ofHeld)));
        var tagger = new TagProbe(run.NewContext(), brown, ProbeSentences, seed);
        note("ambiguousWords", ofLearned.Select(occurrence => occurrence.Word).Distinct().Count());
        note("occurrences", ofLearned.Count);
        foreach ((string probe, _, TranslationChoice choice) in probes)
            note($"{probe}Majority", choice.Accuracy(null));
        foreach ((string name, bool isTrained) in new[] { ("Untrained", false), ("CoVe", true) })
        {
            CoVeOptions options = Settings(words, isTrained);
            using CoVeTransformer cove = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
            {
                options.Progress = progress;
                return run.NewContext().Transforms.Text.FeaturizeTextWithCoVe("Features", nameof(TextPair.Source), options)
                    .Fit(TokenPair.Rows(run.NewContext(), learned));
            });
            foreach (CoVeLayers layers in new[] { CoVeLayers.Last, CoVeLayers.All })
            {
                foreach ((string probe, IReadOnlyList<TranslatedOccurrence> occurrences, TranslationChoice choice) in probes)
                    note($"{probe}{name}{layers}", choice.Accuracy(VectorsOf(cove, layers, pairs, occurrences)));
            }

            using CoVeTransformer tokens = cove.WithOutputs("Pooled", Lowered, new() { TokenVectorsColumnName = TagProbe.Vectors });
            note($"tags{name}", tagger.OfVectors(Lowering(run.NewContext(), brown).Append(tokens)).All);
        }

        note("tagsVector", tagger.Of(words, lower: true).All);
    }

    private CoVeOptions Settings(FastTextModel words, bool isTrained)
    {
        var options = new CoVeOptions
        {
            TargetColumnName = nameof(TextPair.Target),
            WordVectors = words,
            HiddenSize = VectorSize,
            MinTargetCount = 5,
            InputFeeding = false,
            Epochs = epochs,
            ValidationInterval = 200,
            KeepDecoder = false,
            Seed = seed,
        };
        // With so small a step size no weight moves.
        if (!isTrained)
            (options.LearningRate, options.TimeLimit, options.ValidationFraction) = (1e-30, TimeSpan.FromMilliseconds(1), 0);
        return options;
    }

    private float[][] VectorsOf(CoVeTransformer cove, CoVeLayers layers, TokenPair[] pairs, IReadOnlyList<TranslatedOccurrence> occurrences)
    {
        using CoVeTransformer tokens = cove.WithOutputs(
            "Pooled", nameof(TextPair.Source), new() { TokenVectorsColumnName = TagProbe.Vectors, OutputLayers = layers });
        int size = tokens.TokenVectorSize;
        var vectors = new float[occurrences.Count][];
        ILookup<int, int> ofSentence = Enumerable.Range(0, occurrences.Count).ToLookup(i => occurrences[i].Sentence);
        foreach ((int sentence, float[] all) in tokens.Transform(TokenPair.Rows(run.NewContext(), pairs)).GetColumn<float[]>(TagProbe.Vectors).Index())
        {
            foreach (int i in ofSentence[sentence])
                vectors[i] = all.AsSpan(occurrences[i].Place * size, size).ToArray();
        }

        return vectors;
    }

    private static TransformerChain<ITransformer> Lowering(MLContext ml, PartsOfSpeechData brown) => new(
        ml.Transforms.CustomMapping<Tokens, LoweredTokens>((row, target) => target.Values = Array.ConvertAll(row.Values, word => word.ToLowerInvariant()), null)
            .Fit(TaggedText.Rows(ml, [], brown.Tags)));

    private sealed class Tokens
    {
        [ColumnName(nameof(TaggedText.Tokens))]
        public string[] Values { get; set; } = [];
    }

    private sealed class LoweredTokens
    {
        [ColumnName(Lowered)]
        public string[] Values { get; set; } = [];
    }
}
