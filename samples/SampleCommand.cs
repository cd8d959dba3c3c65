using System.CommandLine;

namespace MLNet.Papers.Samples;

/// <summary>One command of the samples: a technique at work from data to pictures. The program finds all of them by itself.</summary>
internal abstract class SampleCommand
{
    /// <summary>What the user types.</summary>
    public abstract string Name { get; }

    /// <summary>What the command shows, what data it needs and how long it takes.</summary>
    public abstract string Description { get; }

    /// <summary>The options besides those that all commands have.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    /// <summary>Does the work.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="run">Seed, output folder and figures of this run.</param>
    /// <exception cref="InputException">Something is wrong with what the user gave.</exception>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public abstract void Run(ParseResult arguments, SampleRun run);
}
