using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Samples.Elmo;

/// <summary>How many tokens a tagger names right.</summary>
/// <param name="All">Of all tokens, in percent.</param>
/// <param name="Unseen">Of those whose word the language model never read, in percent.</param>
/// <param name="LayerWeights">What the tagger learned about its layers.</param>
internal sealed record TagAccuracy(double All, double Unseen, IReadOnlyList<float> LayerWeights);

/// <summary>Learns taggers over vectors of tokens and measures them on sentences that are held out.</summary>
/// <param name="ml">The context.</param>
/// <param name="data">The corpus.</param>
/// <param name="sentences">How many sentences taggers learn from.</param>
/// <param name="seed">Seed of the taggers.</param>
internal sealed class TagProbe(MLContext ml, PartsOfSpeechData data, int sentences, int seed)
{
    /// <summary>The column with the vectors of a sentence's tokens.</summary>
    public const string Vectors = "Vectors";

    private readonly IDataView _training = TaggedText.Rows(ml, data.Training.Take(sentences).Select(TaggedText.Of), data.Tags);
    private readonly IDataView _held = TaggedText.Rows(ml, data.Held.Select(TaggedText.Of), data.Tags);

    /// <summary>A tagger over some layers of a language model.</summary>
    /// <param name="elmo">The language model.</param>
    /// <param name="layer">The only layer that it sees, or null for a mix of all that it learns.</param>
    public TagAccuracy Of(ElmoTransformer elmo, int? layer)
    {
        var options = new ElmoOutputOptions { TokenVectorsColumnName = Vectors };
        if (layer is { } only)
            options.MixWeights = [.. Enumerable.Range(0, elmo.LayerCount + 1).Select(i => i == only ? 1f : 0f)];
        else
            options.Representation = ElmoRepresentation.AllLayers;
        using ElmoTransformer vectors = elmo.WithOutputs("Pooled", nameof(TaggedText.Tokens), options);
        return OfVectors(vectors, layer is null ? elmo.LayerCount + 1 : 1);
    }

    /// <summary>A tagger over the vectors of words, whatever stands around them.</summary>
    /// <param name="words">The vectors.</param>
    /// <param name="lower">Whether words are looked up in small letters.</param>
    public TagAccuracy Of(FastTextModel words, bool lower = false)
    {
        // Each word is looked up once. ML.NET calls the mapping on several threads.
        var known = new ConcurrentDictionary<string, float[]>();
        return OfVectors(
            ml.Transforms.CustomMapping<Tokens, TokenVectors>((row, target) => target.Vectors = [.. row.Values.SelectMany(Find)], null).Fit(_training),
            layers: 1);

        float[] Find(string word) => known.GetOrAdd(word, added => words.GetWordVector(lower ? added.ToLowerInvariant() : added));
    }

    /// <summary>A tagger over any vectors of tokens.</summary>
    /// <param name="vectors">Adds the column <see cref="Vectors"/>.</param>
    /// <param name="layers">How many layers a token's vector is made of.</param>
    public TagAccuracy OfVectors(ITransformer vectors, int layers = 1)
    {
        ElmoTaggerTransformer tagger = ml.MulticlassClassification.Trainers.ElmoTagger(nameof(TaggedText.Tags), Vectors, new()
        {
            Layers = layers,
            Epochs = 10,
            BatchSize = 128,
            LearningRate = 5e-3,
            Dropout = 0,
            Seed = seed,
        }).Fit(vectors.Transform(_training));
        long all = 0, right = 0, unseen = 0, unseenRight = 0;
        uint[][] predicted = [.. tagger.Transform(vectors.Transform(_held)).GetColumn<uint[]>("PredictedLabel")],
            expected = [.. _held.GetColumn<uint[]>(nameof(TaggedText.Tags))];
        for (int row = 0; row < data.Held.Length; row++)
        {
            for (int token = 0; token < data.Held[row].Length; token++)
            {
                bool isRight = predicted[row][token] == expected[row][token];
                all++;
                right += isRight ? 1 : 0;
                if (data.Known.Contains(data.Held[row][token].Word))
                    continue;
                unseen++;
                unseenRight += isRight ? 1 : 0;
            }
        }

        return new TagAccuracy(100.0 * right / all, 100.0 * unseenRight / unseen, tagger.LayerWeights);
    }

    private sealed class Tokens
    {
        [ColumnName(nameof(TaggedText.Tokens))]
        public string[] Values { get; set; } = [];
    }

    private sealed class TokenVectors
    {
        public float[] Vectors { get; set; } = [];
    }
}
