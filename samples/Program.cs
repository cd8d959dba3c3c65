using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Samples;

/// <summary>The samples on the command line: one command a technique.</summary>
internal static class Program
{
    private const int Failed = 1;
    private const int Stopped = 130;

    /// <summary>Runs the command that the arguments name.</summary>
    /// <returns>0 if it succeeded, 1 if something about its input is wrong, 130 if it was stopped.</returns>
    public static int Main(string[] args)
    {
        var root = new RootCommand("Techniques from papers at work in ML.NET. Each command says with --help what data it needs and how long it takes.");
        foreach (SampleCommand sample in Samples())
            root.Add(CommandFor(sample));
        ParseResult arguments;
        try
        {
            arguments = root.Parse(args);
        }
        catch (InvalidOperationException exception)
        {
            // What checks a number's range asks for the number, and there is none.
            Console.Error.WriteLine($"Error: {exception.Message}");
            return Failed;
        }

        // A mistake in an option gets one line; only who names no command is shown what there is.
        if (arguments.Action is ParseErrorAction error)
            error.ShowHelp = arguments.CommandResult.Command == root;
        return arguments.Invoke();
    }

    /// <summary>All commands in this assembly.</summary>
    private static IEnumerable<SampleCommand> Samples() => typeof(Program).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(SampleCommand)) && !type.IsAbstract)
        .Select(type => (SampleCommand)Activator.CreateInstance(type)!)
        .OrderBy(sample => sample.Name, StringComparer.Ordinal);

    private static Command CommandFor(SampleCommand sample)
    {
        var seed = new Option<int>("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = new Option<string?>("--json") { Description = "Write the figures to this file, as one flat JSON object.", HelpName = "FILE" };
        var output = new Option<string>("--output")
        {
            Description = "Folder for pictures and models; made if it does not exist.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => $"{sample.Name}-output",
        };
        var command = new Command(sample.Name, sample.Description);
        foreach (Option option in (IEnumerable<Option>)[.. sample.Options, seed, json, output])
            command.Add(option);
        command.SetAction(arguments =>
        {
            using var stop = new CancellationTokenSource();
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            var run = new SampleRun(arguments.GetValue(seed), arguments.GetValue(output)!, stop.Token);
            return Run(sample, arguments, run, arguments.GetValue(json));

            // The first signal lets the run end by itself; a second one ends the process.
            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }
        });
        return command;
    }

    private static int Run(SampleCommand sample, ParseResult arguments, SampleRun run, string? json)
    {
        try
        {
            run.CheckPlaces(json);
            sample.Run(arguments, run);
            if (json is not null)
                run.WriteFigures(json);
            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return Stopped;
        }
        catch (Exception exception) when (exception is InputException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Error: {exception.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
    }
}
