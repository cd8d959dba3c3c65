using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Transforms.Image;
using TorchSharp;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about saving, loading and disposing.</summary>
internal static class PersistenceChecks
{
    [Point(3)]
    public static void A_saved_model_loads_as_the_same_type(Workout workout) =>
        Assert.AreEqual(workout.Model.GetType(), workout.Loaded.GetType(), "A loaded model must be of the type that was saved.");

    [Point(6)]
    public static void A_loaded_model_gives_the_values_of_the_original(Workout workout)
    {
        Expect.SameValues("The loaded model", workout.Expected, Table.Read(workout.Loaded.Transform(workout.Data)), Tolerance.Reload);
        Expect.SameValues("A prediction engine on the loaded model",
            workout.ExpectedRowByRow, RowClasses.ScoreRowByRow(workout.Loaded, workout.Data), Tolerance.Reload);
    }

    [Point(6)]
    public static void A_loaded_model_saves_as_the_same_file(Workout workout) =>
        AssertSameFiles("The .zip of the loaded model", workout.File, workout.Save(workout.Loaded));

    [Point(10)]
    public static void Disposing_the_loaded_model_leaves_the_original_working(Workout workout)
    {
        ITransformer original = workout.Fit(), loaded = workout.Load(workout.Save(original));
        try
        {
            Table.Read(loaded.Transform(workout.Data));
            Table expected = Table.Read(original.Transform(workout.Data));
            (loaded as IDisposable)?.Dispose();
            Table actual = Expect.Works("The original after disposing the loaded model", () => Table.Read(original.Transform(workout.Data)));
            Expect.SameValues("The original after disposing the loaded model", expected, actual, Tolerance.Reload);
        }
        finally
        {
            (original as IDisposable)?.Dispose();
        }
    }

    [Point(10)]
    public static void Disposing_twice_is_harmless(Workout workout)
    {
        ITransformer original = workout.Fit();
        foreach (ITransformer model in (ITransformer[])[workout.Load(workout.Save(original)), original])
        {
            (model as IDisposable)?.Dispose();
            Expect.Works("Disposing a second time", () =>
            {
                (model as IDisposable)?.Dispose();
                return true;
            });
        }
    }

    [Point(15)]
    public static void Another_process_loads_the_model(Workout workout)
    {
        // ML.NET cannot write images to a file of data; the other variants of such an estimator go through this.
        if (workout.OwnRows.Schema.Any(column => column.Type is ImageDataViewType))
        {
            bool hasOthers = EstimatorCases.Of(workout.Case.EstimatorType).Variants.Any(
                other => !MemoryView.Of(other.Data(Workout.NewContext())).Schema.Any(column => column.Type is ImageDataViewType));
            Assert.IsTrue(hasOthers, "A case whose data has images must have a variant whose data has none.");
            return;
        }

        MLContext ml = Workout.NewContext();
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            string model = Path.Combine(folder, "model.zip"), data = Path.Combine(folder, "data.idv"), scored = Path.Combine(folder, "scored.idv");
            File.WriteAllBytes(model, workout.File);
            using (FileStream stream = File.Create(data))
                ml.Data.SaveAsBinary(workout.Data, stream);
            (string type, string[] torchLibraries) = LoaderProcess.Run(workout.Model.GetType().Assembly, model, data, scored);
            Assert.AreEqual(workout.Model.GetType().FullName, type, "Another process must get the type that was saved.");
            CollectionAssert.AreEqual(Array.Empty<string>(), torchLibraries,
                "A process that only scores on a CPU must not load libtorch, which takes longer than the rest of its start: " +
                $"{string.Join(", ", torchLibraries)}");
            MemoryView here = MemoryView.Of(workout.Loaded.Transform(MemoryView.Of(Read(data)))), there = MemoryView.Of(Read(scored));
            CollectionAssert.AreEqual(Names(here), Names(there), "Another process must get the same columns.");
            Expect.SameValues("In another process, the model", Table.Read(here), Table.Read(there), Tolerance.Reload);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static string[] Names(MemoryView view) => [.. view.Schema.Select(column => column.Name)];

        // The loader of ML.NET keeps the file open until it is disposed.
        MemoryView Read(string path)
        {
            IDataView view = ml.Data.LoadFromBinary(path);
            var copy = MemoryView.Of(view);
            (view as IDisposable)?.Dispose();
            return copy;
        }
    }

    [Point(20)]
    public static void Damaged_weights_are_refused(Workout workout)
    {
        var weights = new SavedWeights(workout);
        int length = weights.Content.Length;
        double step = Math.Max(1, (double)length / workout.Damages);
        for (int i = 0; i * step < length; i++)
        {
            int position = (int)(i * step);
            byte[] damaged = [.. weights.Content];
            damaged[position] ^= (byte)(i % 2 == 0 ? 0xFF : 1 << (i / 2 % 8));
            weights.MustBeRefused($"with byte {position.ToString(CultureInfo.InvariantCulture)} changed", damaged);
        }
    }

    [Point(20)]
    public static void Weights_cut_short_are_refused(Workout workout)
    {
        var weights = new SavedWeights(workout);
        int length = weights.Content.Length, parts = workout.Damages / 5;
        for (int part = 0; part < parts; part++)
            weights.MustBeRefused($"cut short to {part}/{parts}", weights.Content[..(int)((long)length * part / parts)]);
        for (int missing = 1; missing <= Math.Min(parts / 4, length); missing++)
            weights.MustBeRefused($"with the last {missing} bytes missing", weights.Content[..^missing]);
        weights.MustBeRefused("with a byte more at the end", [.. weights.Content, 0]);
        weights.MustBeRefused("missing", null);
        for (int part = 0; part < parts; part++)
        {
            byte[] file = workout.File[..(int)((long)workout.File.Length * part / parts)];
            Expect.Throws($"Loading a .zip cut short to {part}/{parts}", () => ModelFile.Load(file), typeof(FormatException));
        }
    }

    [Point(PointAttribute.StyleGuide)]
    public static void No_tensor_outlives_a_disposed_model(Workout workout)
    {
        Table.Read(workout.Model.Transform(workout.Data));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ITransformer model = workout.Fit();
        Table.Read(model.Transform(workout.Data));
        ITransformer loaded = workout.Load(workout.Save(model));
        Table.Read(loaded.Transform(workout.Data));
        long scored = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Table.Read(loaded.Transform(workout.Data));
        Assert.AreEqual(scored, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "Scoring must not leave tensors behind.");
        (loaded as IDisposable)?.Dispose();
        (model as IDisposable)?.Dispose();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "Disposing the models must free every tensor.");
    }

    public static void AssertSameFiles(string what, byte[] expected, byte[] actual)
    {
        SortedDictionary<string, byte[]> a = ModelFile.Entries(expected), b = ModelFile.Entries(actual);
        CollectionAssert.AreEqual(a.Keys, b.Keys, $"{what} must have the same entries.");
        foreach ((string name, byte[] content) in a)
        {
            int same = content.AsSpan().CommonPrefixLength(b[name]);
            Assert.IsTrue(
                same == content.Length && same == b[name].Length, $"{what} must have the same bytes in '{name}', but they differ from byte {same} on.");
        }
    }

    // The weights of a model, to be damaged.
    private sealed class SavedWeights
    {
        private const int AllowedAllocation = 4 << 20;

        private readonly SortedDictionary<string, byte[]> _entries;
        private readonly string _entry;
        private readonly long _allowed;

        public SavedWeights(Workout workout)
        {
            _entries = ModelFile.Entries(workout.File);
            _entry = ModelFile.WeightsEntry(_entries);
            Content = _entries[_entry];
            _allowed = AllowedAllocation + (8L * workout.File.Length);
        }

        public byte[] Content { get; }

        public void MustBeRefused(string damage, byte[]? content)
        {
            byte[] file = ModelFile.Pack(_entries.Where(entry => entry.Key != _entry).Concat(content is null ? [] : [KeyValuePair.Create(_entry, content)]));
            long before = GC.GetAllocatedBytesForCurrentThread();
            Expect.Throws($"Loading weights {damage}", () => LoadUnwrapped(file), typeof(FormatException));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(_allowed, allocated,
                $"Loading weights {damage} must not allocate much more than the file has, but allocated {allocated} bytes for {file.Length}.");
        }

        // ML.NET calls loaders by reflection.
        private static ITransformer LoadUnwrapped(byte[] file)
        {
            try
            {
                return ModelFile.Load(file);
            }
            catch (System.Reflection.TargetInvocationException exception) when (exception.InnerException is { } inner)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
                throw;
            }
        }
    }
}
