namespace MLNet.Papers.Persistence;

/// <summary>Files that are whole or not there, whenever the process is killed.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file of blocks beside its place and then moves it there, over the former one.</summary>
    public static void Write(string path, Action<ModelWriter> write) => WriteBytes(path, file =>
    {
        var writer = new ModelWriter(file);
        write(writer);
        writer.End();
    });

    /// <summary>The same for a file of any form. Nothing is left behind where writing fails.</summary>
    public static void WriteBytes(string path, Action<Stream> write)
    {
        string aside = path + ".new";
        try
        {
            using (FileStream file = File.Create(aside))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }
}
