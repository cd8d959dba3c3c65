using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Published;
using PureHDF;

namespace MLNet.Papers.Elmo;

/// <summary>
/// Reads language models in the layout in which they were published: a JSON file that describes the network, and an HDF5 file with its weights.
/// </summary>
internal static class PublishedElmo
{
    /// <exception cref="FormatException">A file is damaged or of another layout; the message names the field.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ElmoModel Load(string optionsPath, string weightsPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(optionsPath);
        ArgumentException.ThrowIfNullOrWhiteSpace(weightsPath);
        ElmoArchitecture architecture = JsonField.Read(optionsPath, root => ReadOptions(optionsPath, root));
        using FileStream file = File.OpenRead(weightsPath);
        try
        {
            Hdf5Claims.Check(file);
            using var weights = H5File.Open(file, leaveOpen: true);
            return new ElmoModel(architecture, NetworkWeights.Of(architecture, Weights(architecture, new Arrays(weights, weightsPath, file.Length))));
        }
        catch (Exception exception) when (IsDamage(exception, weightsPath))
        {
            throw new FormatException(
                $"'{weightsPath}' is not an HDF5 file that can be read: {exception.Message}{FileGuess.Of(weightsPath, "an HDF5 file")}", exception);
        }
    }

    // Not what this class has said already, nor what another try might read.
    private static bool IsDamage(Exception exception, string path) => exception switch
    {
        FormatException => !exception.Message.StartsWith($"'{path}'", StringComparison.Ordinal),
        EndOfStreamException => true,
        IOException or OutOfMemoryException => false,
        _ => true,
    };

    private static ElmoArchitecture ReadOptions(string path, JsonField root)
    {
        JsonField lstm = root["lstm"], characters = root["char_cnn"];
        int ids = characters["n_characters"].Integer();
        if (ids is not (CharacterIds.Count - 1 or CharacterIds.Count))
            throw new FormatException($"'{path}': char_cnn.n_characters is {ids}, but must be 261 (as trained) or 262 (as used).");
        string activation = characters["activation"].Text();
        if (activation is not ("relu" or "tanh"))
            throw new FormatException($"'{path}': char_cnn.activation is '{activation}', but must be 'relu' or 'tanh'.");
        int[][] filters = [.. characters["filters"].Items().Select(filter => filter.Items().Select(number => number.Integer()).ToArray())];
        if (filters.Any(filter => filter.Length != 2))
            throw new FormatException($"'{path}': char_cnn.filters must have pairs of a width and a count.");
        var architecture = new ElmoArchitecture
        {
            MaxCharacters = characters["max_characters_per_token"].Integer(),
            CharacterSize = characters["embedding"]["dim"].Integer(),
            FilterWidths = [.. filters.Select(filter => filter[0])],
            FilterCounts = [.. filters.Select(filter => filter[1])],
            UsesTanh = activation == "tanh",
            Highways = characters["n_highway"].Integer(),
            ProjectionSize = lstm["projection_dim"].Integer(),
            CellSize = lstm["dim"].Integer(),
            Layers = lstm["n_layers"].Integer(),
            SkipConnections = lstm["use_skip_connections"].Boolean(),
            CellClip = lstm["cell_clip"].Number(),
            ProjectionClip = lstm["proj_clip"].Number(),
        };
        return architecture.FindFault() is { } fault ? throw new FormatException($"'{path}' describes no network: {fault}.") : architecture;
    }

    private static Dictionary<string, float[]> Weights(ElmoArchitecture architecture, Arrays arrays)
    {
        int filters = architecture.Filters, size = architecture.ProjectionSize, cells = architecture.CellSize;
        var weights = new Dictionary<string, float[]>
        {
            ["encoder.characters"] = arrays.Read("char_embed", CharacterIds.Count - 1, architecture.CharacterSize),
        };
        for (int i = 0; i < architecture.FilterWidths.Length; i++)
        {
            (int width, int count) = (architecture.FilterWidths[i], architecture.FilterCounts[i]);
            float[] kernel = arrays.Read($"CNN/W_cnn_{i}", 1, width, architecture.CharacterSize, count);
            weights[$"encoder.filters.{i}.weight"] = FilterFirst(kernel, width, architecture.CharacterSize, count);
            weights[$"encoder.filters.{i}.bias"] = arrays.Read($"CNN/b_cnn_{i}", count);
        }

        for (int i = 0; i < architecture.Highways; i++)
        {
            foreach (string part in new[] { "transform", "carry" })
            {
                weights[$"encoder.highways.{i}.{part}.weight"] = Transpose(arrays.Read($"CNN_high_{i}/W_{part}", filters, filters), filters);
                weights[$"encoder.highways.{i}.{part}.bias"] = arrays.Read($"CNN_high_{i}/b_{part}", filters);
            }
        }

        if (architecture.ProjectsFilters)
        {
            weights["encoder.projection.weight"] = Transpose(arrays.Read("CNN_proj/W_proj", filters, size), size);
            weights["encoder.projection.bias"] = arrays.Read("CNN_proj/b_proj", size);
        }

        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            foreach (LayerWeight weight in architecture.Stack().Layers[0].Weights(size))
                weights[$"layers.{layer}.{weight.Name}"] = [];
            for (int direction = 0; direction < ElmoArchitecture.Directions; direction++)
            {
                string cell = $"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell";
                float[] matrix = Gates(arrays.Read($"{cell}/W_0", 2 * size, 4 * cells), cells), bias = Gates(arrays.Read($"{cell}/B", 4 * cells), cells);
                for (int i = cells; i < 2 * cells; i++)
                    bias[i] += 1;
                Append("input", matrix[..(size * 4 * cells)]);
                Append("recurrent", matrix[(size * 4 * cells)..]);
                Append("bias", bias);
                if (cells != size)
                    Append("projection", arrays.Read($"{cell}/W_P_0", cells, size));
            }

            void Append(string name, float[] values) => weights[$"layers.{layer}.{name}"] = [.. weights[$"layers.{layer}.{name}"], .. values];
        }

        return weights;
    }

    // (1, width, characters, filters) -> (filters, characters, width)
    private static float[] FilterFirst(float[] kernel, int width, int size, int count)
    {
        float[] turned = new float[kernel.Length];
        for (int i = 0; i < kernel.Length; i++)
        {
            (int place, int rest) = Math.DivRem(i, size * count);
            (int character, int filter) = Math.DivRem(rest, count);
            turned[(filter * size * width) + (character * width) + place] = kernel[i];
        }

        return turned;
    }

    // (rows, columns) -> (columns, rows)
    private static float[] Transpose(float[] matrix, int columns)
    {
        int rows = matrix.Length / columns;
        float[] turned = new float[matrix.Length];
        for (int i = 0; i < matrix.Length; i++)
            turned[(i % columns * rows) + (i / columns)] = matrix[i];
        return turned;
    }

    // Columns in the order input, candidate, forget, output -> input, forget, output, candidate.
    private static float[] Gates(float[] matrix, int cells)
    {
        int[] from = [0, 2, 3, 1];
        float[] turned = new float[matrix.Length];
        for (int row = 0; row < matrix.Length; row += 4 * cells)
        {
            for (int gate = 0; gate < 4; gate++)
                Array.Copy(matrix, row + (from[gate] * cells), turned, row + (gate * cells), cells);
        }

        return turned;
    }

    /// <summary>The arrays of an HDF5 file. Their shapes are checked before anything is read.</summary>
    private sealed class Arrays(IH5Group file, string path, long fileSize)
    {
        // More than that no byte of a deflated array can give.
        private const uint MaxExpansion = 1032;

        public float[] Read(string name, params int[] shape)
        {
            string folder = "";
            foreach (string part in name.Split('/'))
            {
                if (!file.LinkExists(folder + part))
                    throw new FormatException($"'{path}' has no '{name}': '{folder}{part}' is missing.");
                folder += part + "/";
            }

            IH5Dataset dataset = file.Dataset(name);
            ulong[] found = dataset.Space.Dimensions;
            if (!found.SequenceEqual(shape.Select(dimension => (ulong)dimension)))
                throw new FormatException($"'{path}': '{name}' has the shape [{string.Join(", ", found)}], but must have [{string.Join(", ", shape)}].");
            if (dataset.Type is not { Class: H5DataTypeClass.FloatingPoint, Size: 4 })
            {
                throw new FormatException(
                    $"'{path}': '{name}' must hold floating-point numbers of 4 bytes, but holds {dataset.Type.Class} of {dataset.Type.Size}.");
            }

            UInt128 bytes = found.Aggregate((UInt128)sizeof(float), (size, dimension) => size * dimension);
            if (bytes > (UInt128)fileSize * (dataset.Layout.Class == H5DataLayoutClass.Chunked ? MaxExpansion : (UInt128)1))
                throw new FormatException($"'{path}': '{name}' claims {bytes} bytes of a file of {fileSize}.");
            float[] values = dataset.Read<float[]>();
            return values.All(float.IsFinite) ? values : throw new FormatException($"'{path}': '{name}' has a number that is not finite.");
        }
    }
}
