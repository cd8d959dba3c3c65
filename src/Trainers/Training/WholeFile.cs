using MLNet.Papers.Persistence;

namespace MLNet.Papers.Training;

/// <summary>Files that are whole or not there, whenever the process is killed.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file beside its place and then moves it there, over the former one.</summary>
    public static void Write(string path, Action<ModelWriter> write)
    {
        string aside = path + ".new";
        using (FileStream file = File.Create(aside))
        {
            var writer = new ModelWriter(file);
            write(writer);
            writer.End();
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
