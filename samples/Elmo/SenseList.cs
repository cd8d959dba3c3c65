namespace MLNet.Papers.Samples.Elmo;

/// <summary>A word at a place of a line, in a sense.</summary>
/// <param name="Word">The word.</param>
/// <param name="Sense">The sense, named by hand.</param>
/// <param name="Tokens">The words of the line.</param>
/// <param name="Place">Where the word stands.</param>
internal sealed record WordOccurrence(string Word, string Sense, string[] Tokens, int Place)
{
    /// <summary>The word with those around it.</summary>
    public string Context(int reach) => string.Join(' ', Tokens[Math.Max(0, Place - reach)..Math.Min(Tokens.Length, Place + reach + 1)]);
}

/// <summary>Fifty occurrences of five words with two senses in the documentation of .NET, five of each sense, found by some of the words around them.</summary>
internal static class SenseList
{
    private const string Occurrences = """
        second | time | the number of ticks per second
        second | time | hour , minute , and second of the new structure
        second | time | the speed in bits per second
        second | time | into hour , minute , second , and millisecond
        second | time | number of milliseconds in 1 second
        second | place | the second string to concatenate
        second | place | to assign to the second element in the second row
        second | place | evaluates the second operand only if the first
        second | place | the second sequence to zip
        second | place | the second delegate to compare
        order | sequence | same position in the sort order as the specified string
        order | sequence | yielded in the order of increasing keys
        order | sequence | expressed in host byte order
        order | sequence | the relative order of the two base uris
        order | sequence | the order of the namespaces returned is
        order | purpose | a class must implement in order to check if a literal
        order | purpose | must be fully trusted in order to specify
        order | purpose | to create a jsonconverter in order to pass
        order | purpose | methods that are needed in order to render
        order | purpose | that the client presents in order to authenticate itself
        key | cipher | bits , of the secret key used by the
        key | cipher | encrypts data using the public key
        key | cipher | whether an asymmetric key is created
        key | cipher | algorithm that holds the private key
        key | cipher | the secret key for hmac computation
        key | entry | an element with the same key already exists in the hashtable
        key | entry | containing both the key and the value of the
        key | entry | an element with the specified key and value to the dictionary
        key | entry | a hash table with the key and the value strongly typed
        key | entry | sets the specified key and value in the immutable
        long | type | signed long integer value and a biginteger
        long | type | converts a long value to a string
        long | type | of a vector of long integers
        long | type | converts a string to a long value
        long | type | the string representation of the long value
        long | duration | how long the stream will attempt to
        long | duration | how long a connection can be in
        long | duration | how long the session can be inactive
        long | duration | as long as a specified condition is
        long | duration | indicates how long the session can be idle
        set | collection | when comparing items in the set
        set | collection | among the set of given cache control directives
        set | collection | contains the set intersection of the two sequences
        set | collection | contains the set difference of the two sequences
        set | collection | encodes a set of characters in the input
        set | assign | this object can be set to null
        set | assign | the indent property is set to true
        set | assign | a datetime object that is set to the specified date
        set | assign | if no value is set , returns a null reference
        set | assign | structure is set to true , applications receive
        """;

    /// <summary>The occurrences that are among some lines.</summary>
    public static IReadOnlyList<WordOccurrence> Find(IReadOnlyCollection<string> lines)
    {
        var found = new List<WordOccurrence>();
        foreach (string entry in Occurrences.Split('\n'))
        {
            if (entry.Trim().Split(" | ") is not [string word, string sense, string phrase]
                || lines.FirstOrDefault(line => $" {line} ".Contains($" {phrase} ", StringComparison.Ordinal)) is not { } line)
            {
                continue;
            }

            string[] before = $" {line} "[..$" {line} ".IndexOf($" {phrase} ", StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            found.Add(new WordOccurrence(word, sense, line.Split(' '), before.Length + Array.IndexOf(phrase.Split(' '), word)));
        }

        return found;
    }
}
