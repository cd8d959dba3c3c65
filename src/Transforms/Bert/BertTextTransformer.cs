using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of the transformers that were fine-tuned to say one thing of a text, or of a pair of texts.</summary>
/// <remarks>
/// <para><b>Input.</b> A text, or two. What is beyond <see cref="BertTaskTransformer.MaxLength"/> pieces is not read, of a pair the end of the longer text
/// first; a warning says of how many rows.</para>
/// <para><b>ONNX.</b> The graph reads the numbers of pieces. Inputs: the name of <see cref="TextColumnName"/>, Int64 (batch, time), the pieces of each text or
/// pair with the marks, and any piece behind their end; for pairs, that name with "Segments" behind it, Int64 (batch, time), 0 up to the mark behind the first
/// text and 1 from there; and that name with "Lengths" behind it, Int64 (batch, 1), how many pieces there are.</para>
/// </remarks>
public abstract class BertTextTransformer : BertTaskTransformer
{
    private readonly TextPairColumns _columns;
    private readonly TextVector _vector;
    private readonly Lazy<TextVectorKernel> _kernel;

    private protected BertTextTransformer(IHostEnvironment environment, BertModel model, string textColumnName, string? secondTextColumnName)
        : base(environment, model)
    {
        _columns = new(textColumnName, secondTextColumnName);
        _vector = new(model.Architecture, model.Pooling);
        _kernel = new(() => _vector.Kernel(name => model.Weights[name]));
    }

    /// <summary>The name of the column of texts.</summary>
    public string TextColumnName => _columns.Text;

    /// <summary>The name of the column of second texts; null where texts are no pairs.</summary>
    public string? SecondTextColumnName => _columns.Second;

    /// <summary>How the vectors of the pieces become that of a text.</summary>
    public Pooling Pooling => Model.Pooling;

    private protected sealed override IEnumerable<InputColumn> Inputs => _columns.Names.Select(ScalarColumn.Text);

    /// <summary>What a cursor needs.</summary>
    /// <param name="input">The row whose input columns are active.</param>
    /// <param name="outputs">The buffers of the outputs.</param>
    /// <param name="put">Fills them by the vectors of the texts of a batch, one after the other, and their number.</param>
    private protected ScoringSession CreateSession(DataViewRow input, IReadOnlyList<OutputBuffer?> outputs, Action<float[], int> put) =>
        new BertTextSession(WarnOnce, Model, Scorer, (_vector.Size, _kernel.Value), new(Model, input, _columns), outputs, put);

    /// <summary>Adds the inputs and the vectors of texts to a graph.</summary>
    /// <returns>(B, size).</returns>
    private protected OnnxValue AddVectors(OnnxGraph graph)
    {
        OnnxValue pieces = graph.Input(TextColumnName, OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time);
        OnnxValue? segments = SecondTextColumnName is null
            ? null
            : graph.Input($"{TextColumnName}Segments", OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time);
        EncoderInOnnx encoder = AddEncoder(graph, TextColumnName, pieces, segments);
        return _vector.ToOnnx(graph, encoder.Top, encoder.Lengths, encoder.Weight);
    }
}
