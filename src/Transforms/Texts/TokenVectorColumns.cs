using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Texts;

/// <summary>The columns of a transformer that turns texts into vectors of their tokens, and these into one of the text.</summary>
internal sealed record TokenVectorColumns(string OutputColumnName, string InputColumnName, Pooling Pooling, string? TokenVectorsColumnName, string? TokensColumnName)
{
    /// <exception cref="ArgumentOutOfRangeException">Two columns have the same name.</exception>
    public void RequireDifferentNames()
    {
        if (TokenVectorsColumnName == OutputColumnName || TokensColumnName == OutputColumnName || (TokensColumnName is not null && TokensColumnName == TokenVectorsColumnName))
            throw new ArgumentOutOfRangeException("outputColumnName", $"The columns for the vector of the text ('{OutputColumnName}'), the vectors of its tokens ('{TokenVectorsColumnName}') and the tokens ('{TokensColumnName}') must have different names.");
    }

    /// <summary>The length of a text's vector.</summary>
    public int TextSize(int tokenSize) => (Pooling == Pooling.FirstLast ? 2 : 1) * tokenSize;

    /// <summary>The columns of a fitted transformer, in the order of its buffers.</summary>
    /// <param name="tokenSize">The length of a token's vector.</param>
    public IReadOnlyList<OutputColumn> Delivered(int tokenSize)
    {
        List<OutputColumn> columns = [new(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, TextSize(tokenSize)))];
        if (TokenVectorsColumnName is { } vectors)
            columns.Add(new(vectors, new VectorDataViewType(NumberDataViewType.Single, 0, tokenSize)));
        if (TokensColumnName is { } tokens)
            columns.Add(new(tokens, new VectorDataViewType(TextDataViewType.Instance)));
        return columns;
    }

    /// <summary>The same columns as an estimator promises them.</summary>
    public IReadOnlyList<SchemaShape.Column> Promised()
    {
        List<SchemaShape.Column> columns = [SchemaShapes.Column(OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)];
        if (TokenVectorsColumnName is { } vectors)
            columns.Add(SchemaShapes.Column(vectors, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single));
        if (TokensColumnName is { } tokens)
            columns.Add(SchemaShapes.Column(tokens, SchemaShape.Column.VectorKind.VariableVector, TextDataViewType.Instance));
        return columns;
    }
}
