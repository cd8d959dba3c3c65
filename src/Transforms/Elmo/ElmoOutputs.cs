using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Elmo;

/// <summary>What a transformer puts out, checked; saved with it.</summary>
internal sealed record ElmoOutputs(
    string OutputColumnName,
    string InputColumnName,
    Pooling Pooling,
    ElmoRepresentation Representation,
    float[] MixWeights,
    string? TokenVectorsColumnName,
    string? TokensColumnName)
{
    /// <summary>The outputs that options describe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many weights as layers.</exception>
    public static ElmoOutputs Of(string outputColumnName, string inputColumnName, ElmoOutputOptions options, int layers)
    {
        if (FindConflict(options.MixWeights, layers) is { } conflict)
            throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(ElmoOutputOptions)}.{nameof(options.MixWeights)} {conflict}");
        RequireDifferentNames(outputColumnName, options.TokenVectorsColumnName, options.TokensColumnName);
        float[] weights = options.MixWeights ?? [.. Enumerable.Repeat(1f / (layers + 1), layers + 1)];
        return new(outputColumnName, inputColumnName, options.Pooling, options.Representation, weights, options.TokenVectorsColumnName, options.TokensColumnName);
    }

    /// <exception cref="ArgumentOutOfRangeException">Two columns have the same name.</exception>
    public static void RequireDifferentNames(string outputColumnName, string? tokenVectorsColumnName, string? tokensColumnName)
    {
        if (tokenVectorsColumnName == outputColumnName || tokensColumnName == outputColumnName || (tokensColumnName is not null && tokensColumnName == tokenVectorsColumnName))
            throw new ArgumentOutOfRangeException(nameof(outputColumnName), $"The columns for the vector of the text ('{outputColumnName}'), the vectors of its tokens ('{tokenVectorsColumnName}') and the tokens ('{tokensColumnName}') must have different names.");
    }

    /// <summary>What is wrong with weights of a mix, to stand after the option's name; null if nothing is.</summary>
    public static string? FindConflict(float[]? weights, int layers) => weights is null || weights.Length == layers + 1
        ? null
        : FormattableString.Invariant($"must have {layers + 1} weights, one for the context-free layer and one for each of {layers} layers, but has {weights.Length}.");

    /// <summary>The length of a token's vector.</summary>
    public int TokenSize(ElmoArchitecture architecture) =>
        Representation == ElmoRepresentation.AllLayers ? (architecture.Layers + 1) * architecture.LayerSize : architecture.LayerSize;

    /// <summary>The length of a text's vector.</summary>
    public int TextSize(ElmoArchitecture architecture) => (Pooling == Pooling.FirstLast ? 2 : 1) * TokenSize(architecture);

    /// <summary>The columns of a fitted transformer, in the order of its buffers.</summary>
    public IReadOnlyList<OutputColumn> Columns(ElmoArchitecture architecture)
    {
        List<OutputColumn> columns = [new(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, TextSize(architecture)))];
        if (TokenVectorsColumnName is { } vectors)
            columns.Add(new(vectors, new VectorDataViewType(NumberDataViewType.Single, 0, TokenSize(architecture))));
        if (TokensColumnName is { } tokens)
            columns.Add(new(tokens, new VectorDataViewType(TextDataViewType.Instance)));
        return columns;
    }

    /// <summary>The same columns as an estimator promises them.</summary>
    public static IReadOnlyList<SchemaShape.Column> Promise(string outputColumnName, string? tokenVectorsColumnName, string? tokensColumnName)
    {
        List<SchemaShape.Column> columns = [SchemaShapes.Column(outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)];
        if (tokenVectorsColumnName is not null)
            columns.Add(SchemaShapes.Column(tokenVectorsColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single));
        if (tokensColumnName is not null)
            columns.Add(SchemaShapes.Column(tokensColumnName, SchemaShape.Column.VectorKind.VariableVector, TextDataViewType.Instance));
        return columns;
    }

    /// <summary>Writes a token's vector.</summary>
    public void WriteToken(ElmoArchitecture architecture, SentenceLayers sentence, int token, Span<float> vector, Span<float> scratch)
    {
        int size = architecture.LayerSize;
        if (Representation == ElmoRepresentation.AllLayers)
        {
            for (int layer = 0; layer <= architecture.Layers; layer++)
                sentence.CopyToken(layer, token, vector.Slice(layer * size, size));
            return;
        }

        vector.Clear();
        for (int layer = 0; layer <= architecture.Layers; layer++)
        {
            sentence.CopyToken(layer, token, scratch[..size]);
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(scratch[..size], MixWeights[layer], vector, vector);
        }
    }
}
