using System.Text.Json;
using MLNet.Papers.Tests.Architecture;
using PureHDF;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>
/// A language model in the published layout: made up, or the tiny one of the published programs' own tests where it lies beside the repository.
/// </summary>
internal sealed class PublishedFiles : IDisposable
{
    private readonly string _folder;
    private readonly bool _isTemporary;

    private PublishedFiles(string folder, bool isTemporary) => (_folder, _isTemporary) = (folder, isTemporary);

    public string OptionsPath => Path.Combine(_folder, "options.json");

    public string WeightsPath => Path.Combine(_folder, "lm_weights.hdf5");

    public string SentencesPath => Path.Combine(_folder, "sentences.json");

    /// <summary>The tiny published model in <c>../shared/data/elmo</c>, or null.</summary>
    public static PublishedFiles? Shared()
    {
        string folder = Path.Combine(Path.GetDirectoryName(Repository.Root)!, "shared", "data", "elmo");
        return File.Exists(Path.Combine(folder, "lm_weights.hdf5")) ? new PublishedFiles(folder, isTemporary: false) : null;
    }

    /// <summary>A made-up model with weights drawn at random.</summary>
    /// <param name="shape">The numbers of <c>options.json</c>.</param>
    /// <param name="change">Changes the arrays before they are written.</param>
    public static PublishedFiles Make(PublishedShape shape, Action<Dictionary<string, Array>>? change = null)
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        var files = new PublishedFiles(folder, isTemporary: true);
        File.WriteAllText(files.OptionsPath, shape.Options());
        Dictionary<string, Array> arrays = shape.Arrays();
        change?.Invoke(arrays);
        var file = new H5File();
        foreach ((string name, Array values) in arrays)
        {
            H5Group group = file;
            string[] parts = name.Split('/');
            foreach (string part in parts[..^1])
            {
                if (!group.TryGetValue(part, out object? child))
                    group[part] = child = new H5Group();
                group = (H5Group)child;
            }

            group[parts[^1]] = values;
        }

        file.Write(files.WeightsPath);
        return files;
    }

    public void Dispose()
    {
        if (_isTemporary)
            Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The shape of a model in the published layout.</summary>
internal sealed record PublishedShape
{
    public int Projection { get; init; } = 4;

    public int Cells { get; init; } = 6;

    public int Layers { get; init; } = 2;

    public int Characters { get; init; } = 3;

    public int MaxCharacters { get; init; } = 12;

    public (int Width, int Count)[] Filters { get; init; } = [(1, 3), (2, 2), (4, 5)];

    public int Highways { get; init; } = 2;

    public string Activation { get; init; } = "relu";

    public double Clip { get; init; } = 0.4;

    public bool Skip { get; init; } = true;

    public int FilterCount => Filters.Sum(filter => filter.Count);

    public string Options() => JsonSerializer.Serialize(new
    {
        lstm = new { cell_clip = Clip, use_skip_connections = Skip, n_layers = Layers, proj_clip = Clip, projection_dim = Projection, dim = Cells },
        char_cnn = new
        {
            embedding = new { dim = Characters },
            filters = Filters.Select(filter => new[] { filter.Width, filter.Count }),
            n_highway = Highways,
            n_characters = 262,
            max_characters_per_token = MaxCharacters,
            activation = Activation,
        },
    });

    public Dictionary<string, Array> Arrays()
    {
        var random = new Random(5);
        var arrays = new Dictionary<string, Array> { ["char_embed"] = Draw(261, Characters) };
        for (int i = 0; i < Filters.Length; i++)
        {
            arrays[$"CNN/W_cnn_{i}"] = Draw(1, Filters[i].Width, Characters, Filters[i].Count);
            arrays[$"CNN/b_cnn_{i}"] = Draw(Filters[i].Count);
        }

        for (int i = 0; i < Highways; i++)
        {
            foreach (string part in new[] { "transform", "carry" })
            {
                arrays[$"CNN_high_{i}/W_{part}"] = Draw(FilterCount, FilterCount);
                arrays[$"CNN_high_{i}/b_{part}"] = Draw(FilterCount);
            }
        }

        if (FilterCount != Projection)
        {
            arrays["CNN_proj/W_proj"] = Draw(FilterCount, Projection);
            arrays["CNN_proj/b_proj"] = Draw(Projection);
        }

        for (int direction = 0; direction < 2; direction++)
        {
            for (int layer = 0; layer < Layers; layer++)
            {
                string cell = $"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell";
                arrays[$"{cell}/W_0"] = Draw(2 * Projection, 4 * Cells);
                arrays[$"{cell}/B"] = Draw(4 * Cells);
                if (Cells != Projection)
                    arrays[$"{cell}/W_P_0"] = Draw(Cells, Projection);
            }
        }

        return arrays;

        Array Draw(params int[] dimensions)
        {
            float[] values =
            [
                .. Enumerable.Range(0, dimensions.Aggregate(1, (product, dimension) => product * dimension))
                    .Select(_ => (float)((random.NextDouble() * 2) - 1)),
            ];
            var array = Array.CreateInstance(typeof(float), dimensions);
            Buffer.BlockCopy(values, 0, array, 0, values.Length * sizeof(float));
            return array;
        }
    }
}
