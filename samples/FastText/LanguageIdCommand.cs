using System.CommandLine;
using MLNet.Papers.Samples.Texts;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>Names the language of texts, with a model that exists or that is trained on the messages of the .NET SDK.</summary>
internal sealed class LanguageIdCommand : SampleCommand
{
    private readonly Option<string?> _model = new("--model")
    {
        Description = "fastText classifier of languages (.bin or .ftz), such as lid.176.ftz, instead of training one.",
        HelpName = "FILE",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads that learn; only with 1 does the same seed give the same figures.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public LanguageIdCommand() => OptionRules.Between(_threads, 1, 1_024);

    /// <inheritdoc/>
    public override string Name => "language-id";

    /// <inheritdoc/>
    public override string Description =>
        "fastText: names the language of each line that is typed or piped in. With --model at once; without it, a classifier of 14 languages is first " +
        "trained on the messages of the .NET SDK, compressed and compared with ML.NET's own, which needs no data and about 4 minutes. " +
        "An empty line ends the typing.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_model, _threads];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        FastTextModel model;
        if (arguments.GetValue(_model) is { } path)
        {
            model = ModelFiles.Load(path);
            if (model.Architecture != FastTextArchitecture.Supervised)
                throw new InputException($"'{path}' holds word vectors, not a classifier; word-vectors --model looks into it.");
        }
        else
        {
            model = new LanguageTraining(LanguageData.Read(run), arguments.GetValue(_threads), run).Run();
        }

        string invitation = ConsoleLines.AreTyped ? " Type a line; an empty one ends it." : "";
        Console.Error.WriteLine(Invariant($"The model knows {model.Labels.Count} languages.{invitation}"));
        LanguageNaming.Run(model, run);
    }
}
