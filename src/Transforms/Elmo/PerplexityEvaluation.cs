using Microsoft.ML;
using MLNet.Papers.Texts;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>Adds up how well both directions predict words, with the full softmax.</summary>
internal sealed class PerplexityEvaluation(ElmoModel model, ElmoLanguageModel languageModel, ElmoScorer scorer, Device device)
{
    private const int TextsOfAPart = 64;

    // Logits of a product: a quarter of a gigabyte at most.
    private const int MostLogits = 1 << 26;

    public ElmoLanguageModelMetrics Evaluate(IDataView data, string column, Action check)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        Tensor weight = tensor(languageModel.Weight, [languageModel.Vocabulary.Count, model.Architecture.ProjectionSize]).clone().to(device);
        Tensor bias = tensor(languageModel.Bias).clone().to(device);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        TokenInput input = TokenInput.Create(cursor, column);
        var tokens = new List<ReadOnlyMemory<char>>();
        var part = new List<string[]>();
        double[] losses = new double[ElmoArchitecture.Directions];
        long predictions = 0, unknown = 0;
        while (cursor.MoveNext())
        {
            check();
            input.Read(tokens);
            foreach (string[] piece in tokens.Select(token => token.ToString()).Chunk(ElmoModel.MaxTokens))
            {
                part.Add(piece);
                if (part.Count == TextsOfAPart)
                    AddPart();
            }
        }

        AddPart();
        return predictions > 0
            ? new(Math.Exp(losses[0] / predictions), Math.Exp(losses[1] / predictions), predictions, (double)unknown / predictions)
            : throw new InvalidOperationException($"Column '{column}' has no tokens to predict.");

        void AddPart()
        {
            float[][][] tops = new float[part.Count][][];
            scorer.Run(part, (number, sentence) =>
            {
                check();
                tops[number] =
                [
                    .. Enumerable.Range(0, ElmoArchitecture.Directions).Select(direction => sentence.All(model.Architecture.Layers, direction).ToArray()),
                ];
            });
            for (int direction = 0; direction < ElmoArchitecture.Directions; direction++)
            {
                var targets = new List<long>();
                var states = new List<float>();
                for (int text = 0; text < part.Count; text++)
                {
                    IEnumerable<long> words = part[text].Select(token => (long)languageModel.Vocabulary.Find(token));
                    targets.AddRange(direction == 0 ? words.Append(TokenVocabulary.End) : words.Reverse().Append(TokenVocabulary.Begin));
                    states.AddRange(tops[text][direction]);
                }

                if (direction == 0)
                    (predictions, unknown) = (predictions + targets.Count, unknown + targets.Count(target => target == TokenVocabulary.Unknown));
                if (targets.Count > 0)
                    losses[direction] += Loss([.. states], [.. targets]);
            }

            part.Clear();
        }

        double Loss(float[] states, long[] targets)
        {
            using DisposeScope inner = NewDisposeScope();
            int rows = Math.Max(1, MostLogits / languageModel.Vocabulary.Count);
            Tensor all = tensor(states, [targets.Length, model.Architecture.ProjectionSize]).clone().to(device), words = tensor(targets).to(device);
            return all.split(rows).Zip(words.split(rows)).Sum(LossOf);

            double LossOf((Tensor States, Tensor Words) some)
            {
                check();
                using DisposeScope product = NewDisposeScope();
                return nn.functional.cross_entropy(nn.functional.linear(some.States, weight, bias), some.Words, reduction: nn.Reduction.Sum).item<float>();
            }
        }
    }
}
