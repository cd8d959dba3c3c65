using Microsoft.ML;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>Scores batches of texts with a language model.</summary>
/// <param name="model">The network's shape.</param>
/// <param name="scorer">The network, which is made only if a column needs it.</param>
/// <param name="outputs">What is put out.</param>
/// <param name="input">The row to read.</param>
/// <param name="active">For each column of the outputs, whether it is wanted.</param>
/// <param name="capacity">The most rows in a batch.</param>
internal sealed class ElmoSession(ElmoModel model, LazyScorer<ElmoScorer> scorer, ElmoOutputs outputs, DataViewRow input, bool[] active, int capacity)
    : TokenVectorSession(outputs.TokenColumns(), outputs.TokenSize(model.Architecture), ElmoModel.MaxTokens, input, active, capacity)
{
    protected override void Run(IReadOnlyList<string[]> pieces, Action<int, TokenWriter> receive) => scorer.Value.Run(pieces, (number, sentence) =>
    {
        float[] scratch = new float[model.Architecture.LayerSize];
        receive(number, (token, vector) => outputs.WriteToken(model.Architecture, sentence, token, vector, scratch));
    });
}
