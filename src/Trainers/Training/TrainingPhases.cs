using MLNet.Papers.Persistence;

namespace MLNet.Papers.Training;

/// <summary>
/// Trainings one after the other that are one fit to the user: generations of students, an autoencoder and then its prior. They share the progress, the time
/// limit and the checkpoint folder, in which what a finished phase gave is kept, so that the fit goes on after it in another process.
/// </summary>
internal sealed class TrainingPhases : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly string _name;
    private readonly int _count;
    private readonly string? _folder;
    private readonly FolderLock? _lock;
    private readonly List<string> _paths = [];
    private TimeSpan _elapsed;
    private int _begun;
    private int? _expected;

    /// <param name="options">The options of the fit.</param>
    /// <param name="name">What a phase is called in the checkpoint folder.</param>
    /// <param name="count">How many there will be at most; a TimeLimit is divided among so many.</param>
    /// <exception cref="InvalidOperationException">Another training uses the checkpoint folder.</exception>
    public TrainingPhases(TrainingOptions options, string name, int count)
    {
        (_options, _name, _count) = (options, name, count);
        // The only phase is a training like others, which keeps its own state.
        _folder = count > 1 ? options.CheckpointFolder : null;
        _lock = _folder is null ? null : new FolderLock(_folder);
    }

    /// <summary>Says how many phases there are after all.</summary>
    public void Expect(int count) => _expected = count;

    /// <summary>The options of the next phase.</summary>
    public TOptions Next<TOptions>()
        where TOptions : TrainingOptions
    {
        int phase = _begun++;
        var own = (TOptions)_options.Copy();
        own.TimeLimit = _options.TimeLimit / _count;
        own.CheckpointFolder = _folder is null ? _options.CheckpointFolder : PathOf(phase);
        own.Progress = _options.Progress is null ? null : new PartOfProgress(_options.Progress, phase, _expected ?? _count, _elapsed, last => _elapsed = last);
        return own;
    }

    /// <summary>Runs the phase that was begun last, or reads what it gave in a process that was killed after it.</summary>
    /// <param name="fingerprint">What differs for other options or data.</param>
    /// <param name="train">Trains.</param>
    /// <param name="write">Writes what it gave.</param>
    /// <param name="read">Reads that; a <see cref="FormatException"/> says that it is none.</param>
    /// <exception cref="InvalidOperationException">What is in the folder belongs to another training, or is damaged.</exception>
    public T Run<T>(string fingerprint, Func<T> train, Action<ModelWriter, T> write, Func<ModelReader, T> read)
        where T : class
    {
        if (_folder is null)
            return train();
        string part = PathOf(_begun - 1), path = $"{part}.network";
        _paths.Add(path);
        if (File.Exists(path))
            return Read(path, fingerprint, read);
        T result = train();
        WholeFile.Write(path, writer =>
        {
            writer.WriteJson("fingerprint", fingerprint);
            write(writer, result);
        });
        if (Directory.Exists(part) && !Directory.EnumerateFileSystemEntries(part).Any())
            Directory.Delete(part);
        return result;
    }

    /// <summary>Says that all phases are done: what they gave is forgotten.</summary>
    public void End() => _paths.ForEach(File.Delete);

    /// <summary>Leaves the checkpoint folder to others.</summary>
    public void Dispose() => _lock?.Dispose();

    private static T Read<T>(string path, string fingerprint, Func<ModelReader, T> read)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            var reader = new ModelReader(file);
            if (reader.ReadJson<string>("fingerprint") != fingerprint)
            {
                throw new InvalidOperationException(
                    $"The network '{path}' was trained with other options, another seed or other data. " +
                    "Choose another CheckpointFolder or delete the file to start anew.");
            }

            T result = read(reader);
            reader.End();
            return result;
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException($"The network '{path}' is damaged: {exception.Message} Delete it to start anew.", exception);
        }
    }

    private string PathOf(int phase) => Path.Combine(_folder!, FormattableString.Invariant($"{_name}-{phase}"));

    /// <summary>Reports the training of one phase as a part of the training of all.</summary>
    private sealed class PartOfProgress(IProgress<TrainingProgress> whole, int part, int parts, TimeSpan before, Action<TimeSpan> end)
        : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            double fraction = (part + value.Fraction) / parts;
            TimeSpan elapsed = before + value.Elapsed;
            end(elapsed);
            whole.Report(value with
            {
                Step = Sum((Int128)part * value.Steps, value.Step),
                Steps = Sum((Int128)parts * value.Steps, 0),
                Fraction = fraction,
                Elapsed = elapsed,
                Remaining = TrainingProgress.RemainingAfter(elapsed, fraction),
            });
        }

        private static long Sum(Int128 before, long now) => (long)Int128.Min(before + now, long.MaxValue);
    }
}
