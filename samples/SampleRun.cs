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

    private readonly List<(string Name, double Value)> _figures = [];

    /// <summary>Seed of everything random in the run.</summary>
    public int Seed { get; } = seed;

    /// <summary>Cancelled when the user stops the run.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>A new ML.NET context, on the GPU if there is one.</summary>
    public MLContext NewContext() => new(Seed) { GpuDeviceId = 0, FallbackToCpu = true };

    /// <summary>The path of a file in the output folder, which exists afterwards.</summary>
    public string OutputPath(string fileName)
    {
        Directory.CreateDirectory(outputFolder);
        return Path.Combine(outputFolder, fileName);
    }

    /// <summary>Notes a figure for the JSON file.</summary>
    public void Record(string name, double value) => _figures.Add((name, Math.Round(value, 4)));

    /// <summary>Writes the figures as one flat JSON object.</summary>
    public void WriteFigures(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, Indented);
        json.WriteStartObject();
        foreach ((string name, double value) in _figures)
            json.WriteNumber(name, value);
        json.WriteEndObject();
    }
}
