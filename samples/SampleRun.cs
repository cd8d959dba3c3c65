using System.Text.Json;
using Microsoft.ML;

namespace MLNet.Papers.Samples;

/// <summary>One run of a command: where its randomness comes from, where its files go, and the figures it found.</summary>
/// <param name="seed">Seed of everything random in the run.</param>
/// <param name="outputFolder">The folder for pictures and models; made if it does not exist.</param>
/// <param name="cancellation">Cancelled when the user stops the run.</param>
internal sealed class SampleRun(int seed, string outputFolder, CancellationToken cancellation)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private readonly List<(string Name, double[] Values, bool IsList)> _figures = [];

    /// <summary>Seed of everything random in the run.</summary>
    public int Seed { get; } = seed;

    /// <summary>Cancelled when the user stops the run.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>A new ML.NET context, on the GPU if there is one; cancelled when the user stops the run.</summary>
    public MLContext NewContext()
    {
        var context = new MLContext(Seed) { GpuDeviceId = 0, FallbackToCpu = true };
        Cancellation.Register(context.CancelExecution);
        return context;
    }

    /// <summary>Makes sure, before any work is done, that there is a place for the pictures and for the figures.</summary>
    /// <param name="json">The file for the figures, or null for none.</param>
    /// <exception cref="InputException">One of them cannot be written to.</exception>
    public void CheckPlaces(string? json)
    {
        try
        {
            Directory.CreateDirectory(outputFolder);
            if (json is not null && Path.GetDirectoryName(Path.GetFullPath(json)) is { } folder)
                Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"Cannot make a folder for the results: {exception.Message}", exception);
        }

        if (Directory.Exists(json))
            throw new InputException($"'{json}' is a folder; --json needs a file.");
    }

    /// <summary>The path of a file in the output folder.</summary>
    public string OutputPath(string fileName) => Path.Combine(outputFolder, fileName);

    /// <summary>Notes a figure for the JSON file.</summary>
    public void Record(string name, double value) => _figures.Add((name, [Math.Round(value, 4)], IsList: false));

    /// <summary>Notes a list of figures for the JSON file.</summary>
    public void Record(string name, IReadOnlyList<double> values) => _figures.Add((name, [.. values.Select(value => Math.Round(value, 4))], IsList: true));

    /// <summary>Writes the figures as one flat JSON object.</summary>
    public void WriteFigures(string path)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, Indented);
        json.WriteStartObject();
        foreach ((string name, double[] values, bool isList) in _figures)
        {
            json.WritePropertyName(name);
            if (isList)
                json.WriteStartArray();
            foreach (double value in values)
                json.WriteNumberValue(value);
            if (isList)
                json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        file.Write("\n"u8);
    }
}
