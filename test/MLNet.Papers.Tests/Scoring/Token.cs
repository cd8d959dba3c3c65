using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Scoring;

/// <summary>An object that is handed on in a column, as an image is, and knows whether it was freed.</summary>
internal sealed class Token(int number) : IDisposable
{
    public static DataViewType ColumnType { get; } = new TokenType();

    public int Number { get; } = number;

    public int Disposals { get; private set; }

    public void Dispose() => Disposals++;

    private sealed class TokenType() : StructuredDataViewType(typeof(Token))
    {
        public override bool Equals(DataViewType? other) => other is TokenType;

        public override bool Equals(object? obj) => obj is TokenType;

        public override int GetHashCode() => 1;
    }
}
