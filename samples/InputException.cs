namespace MLNet.Papers.Samples;

/// <summary>Something about what the user gave a command is wrong; the message is one line, and says what and where.</summary>
internal sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
