using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<FastTextTransformer>("FastText")]

namespace MLNet.Papers;

/// <summary>Turns texts into vectors with a fastText model.</summary>
/// <remarks>
/// <para><b>Source.</b> Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606.</para>
/// <para><b>Input.</b> A text, or a vector of texts, which is taken as if spaces stood between its texts.</para>
/// <para><b>Output.</b> A vector of Single of the model's dimension: <see cref="FastTextModel.GetSentenceVector"/>. A text without any piece that the model
/// knows, a missing or
/// empty text too, has zeros; of a classifier an empty text has the vector of the end of a line.</para>
/// <para><b>Cost.</b> For word vectors, the vector of each known word is kept once it was computed, unless those of all would take more than half a
/// gigabyte.</para>
/// </remarks>
public sealed class FastTextTransformer : ScoringTransformer, ISavedTransformer<FastTextTransformer>
{
    private readonly State _state;

    internal FastTextTransformer(IHostEnvironment environment, State state)
        : base(environment) => _state = state;

    /// <summary>The model: vectors of words, neighbours, files. It lives on when this transformer is disposed.</summary>
    public FastTextModel Model => _state.Model;

    /// <summary>The name of the column that receives the vectors.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    /// <summary>The name of the column that holds the texts.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <inheritdoc cref="FastTextModel.WordVectors"/>
    public FastTextWordVectors WordVectors => Model.WordVectors;

    internal override bool ScoresInBatches => false;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    /// <inheritdoc cref="FastTextModel.GetWordVector"/>
    public float[] GetWordVector(string word) => Model.GetWordVector(word);

    /// <inheritdoc cref="FastTextModel.GetSubwords"/>
    public IReadOnlyList<FastTextSubword> GetSubwords(string word) => Model.GetSubwords(word);

    /// <inheritdoc cref="FastTextModel.NearestNeighbors"/>
    public IReadOnlyList<WordSimilarity> NearestNeighbors(string word, int k = 10) => Model.NearestNeighbors(word, k);

    /// <inheritdoc cref="FastTextModel.Analogies"/>
    public IReadOnlyList<WordSimilarity> Analogies(string a, string b, string c, int k = 10) => Model.Analogies(a, b, c, k);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [OutputColumn.Embedding(OutputColumnName, Model.Dimension)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(this, input, capacity);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    [Block("columns")]
    internal sealed record State(string OutputColumnName, string InputColumnName, FastTextModel Model) : IModelRecord;

    private sealed class Session(FastTextTransformer transformer, DataViewRow input, int capacity) : ScoringSession
    {
        private readonly FastTextModel _model = transformer.Model;
        private readonly TextInput _text = TextInput.Create(input, transformer.InputColumnName);
        private readonly Workspace _workspace = new(transformer.Model);
        private readonly VectorOutputBuffer<float> _vectors = OutputBuffer.Vector<float>(capacity, transformer.Model.Dimension);

        public override IReadOnlyList<OutputBuffer?> Outputs => [_vectors];

        public override void ReadRow(int slot) => _model.SentenceVector(_text.Read(_workspace.Text), _vectors[slot], _workspace);

        public override void Score(int count)
        {
        }
    }
}
