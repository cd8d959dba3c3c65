namespace MLNet.Papers.Samples.FastText;

/// <summary>fastText files that the user names.</summary>
internal static class ModelFiles
{
    /// <summary>Reads a .bin, .ftz or .vec file.</summary>
    /// <exception cref="InputException">There is no such file, or it is damaged.</exception>
    public static FastTextModel Load(string path)
    {
        if (!File.Exists(path))
            throw new InputException(Directory.Exists(path) ? $"'{path}' is a folder; --model needs a file." : $"'{path}' does not exist.");
        try
        {
            return FastTextModel.Load(path);
        }
        catch (FormatException exception)
        {
            throw new InputException(exception.Message, exception);
        }
    }
}
