using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;

namespace MLNet.Papers.Interop;

/// <summary>
/// A view that a transformer made of another one, told to ML.NET, whose converter to ONNX goes from the last view of a chain back to the first.
/// </summary>
/// <param name="transformer">What made it.</param>
/// <param name="source">What it was made of.</param>
/// <remarks>
/// Where a view does not say that it was made, the converter takes it for the source of all data and writes a model without the steps before.
/// </remarks>
internal abstract class TransformedView(ITransformer transformer, IDataView source) : ITransformCanSaveOnnx, ITransformTemplate
{
    public IDataView Source => source;

    public abstract bool CanShuffle { get; }

    public abstract DataViewSchema Schema { get; }

    public abstract long? GetRowCount();

    public abstract DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null);

    public abstract DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null);

    /// <summary>Checks that the transformer can be part of an ONNX model.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    protected abstract void RequireOnnx();

    /// <summary>Adds the transformer to an ONNX model.</summary>
    protected abstract void AddTo(OnnxChain chain);

    // To say false is not enough: the converter only warns, and fails later, unless the columns that are wanted have the names of other ones.
    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx)
    {
        RequireOnnx();
        return true;
    }

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => AddTo(new OnnxChain(ctx));

    IDataTransform ITransformTemplate.ApplyToData(IHostEnvironment env, IDataView newSource) => (IDataTransform)transformer.Transform(newSource);

    void ICanSaveModel.Save(ModelSaveContext ctx) => transformer.Save(ctx);
}
