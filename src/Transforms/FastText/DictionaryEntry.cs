namespace MLNet.Papers.FastText;

/// <summary>A word or a label.</summary>
/// <param name="Name">Its UTF-8 bytes; of a label with the prefix.</param>
/// <param name="Count">How often it occurred in training.</param>
/// <param name="IsLabel">Whether it is a label.</param>
internal readonly record struct DictionaryEntry(ReadOnlyMemory<byte> Name, long Count, bool IsLabel);

/// <summary>A bucket of n-grams that pruning left.</summary>
/// <param name="Bucket">The bucket, from 0.</param>
/// <param name="Row">Its row, counted from the row after the last word's.</param>
internal readonly record struct PrunedBucket(int Bucket, int Row);
