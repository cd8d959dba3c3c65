using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>A block of code that is a whole program: it begins with what it uses, and compiles as a file of its own.</summary>
internal static class DocumentedProgram
{
    // What the SDK adds to a project, of a console or of the web, that has ImplicitUsings.
    private static readonly string ImplicitUsings = string.Concat(
        new[]
        {
            "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
            "System.Net.Http.Json", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http",
            "Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection",
            "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
        }.Select(name => $"global using {name};"));

    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.EndsWith(".dll", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    /// <summary>Whether a block of code is a whole program.</summary>
    public static bool Is(string code) => code.StartsWith("using Microsoft.", StringComparison.Ordinal);

    /// <summary>Compiles a program as a project with the SDK's defaults does, without a warning.</summary>
    public static byte[] Compile(string code)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"documented{Guid.NewGuid():N}",
            new[] { ImplicitUsings, code }.Select(text => CSharpSyntaxTree.ParseText(text)),
            References.Value,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using var stream = new MemoryStream();
        EmitResult result = compilation.Emit(stream);
        Diagnostic[] found = [.. result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
        Assert.IsEmpty(found, string.Join(Environment.NewLine, found.Select(diagnostic => diagnostic.ToString())));
        return stream.ToArray();
    }

    /// <summary>Runs a program, and gives what it writes.</summary>
    public static string Run(byte[] program, params string[] arguments)
    {
        TextWriter former = Console.Out;
        using var output = new StringWriter();
        try
        {
            Console.SetOut(output);
            Assembly.Load(program).EntryPoint!.Invoke(null, [arguments]);
        }
        finally
        {
            Console.SetOut(former);
        }

        return output.ToString();
    }
}
