using System.Diagnostics;
using System.Reflection;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Runs MLNet.Papers.ModelLoader, a program that references the package and names none of its types.</summary>
internal static class LoaderProcess
{
    private const string Program = "MLNet.Papers.ModelLoader";

    /// <summary>Loads a model and scores data in a process of its own.</summary>
    /// <param name="modelAssembly">Where the model's type lives: a model of the tests themselves needs their assemblies.</param>
    /// <param name="arguments">The model, the data, and the file to write.</param>
    /// <returns>The type of the model, as the process says it, and the native libraries of torch that it had loaded at the end.</returns>
    public static (string Type, string[] TorchLibraries) Run(Assembly modelAssembly, params string[] arguments)
    {
        string application = modelAssembly == typeof(LoaderProcess).Assembly ? modelAssembly.GetName().Name! : Program;
        using Process process = ProgramProcess.Start(Program, application, arguments);
        string[] lines = ProgramProcess.OutputOf(process).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (lines[0], lines[1..]);
    }
}
