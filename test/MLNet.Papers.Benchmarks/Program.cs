using System.Globalization;
using BenchmarkDotNet.Running;
using MLNet.Papers.Benchmarks;
using MLNet.Papers.Benchmarks.FastText;
using MLNet.Papers.Networks;

// Whole jobs, side by side with their peers, as one Markdown table: dotnet run -c Release --project test/MLNet.Papers.Benchmarks [-- part of a name]
// Single functions, by BenchmarkDotNet:                             dotnet run -c Release --project test/MLNet.Papers.Benchmarks -- micro [arguments of BenchmarkDotNet]
Libtorch.Require();  // bare loops must run as ours do
if (args is ["micro", .. string[] rest])
    BenchmarkSwitcher.FromAssembly(typeof(Comparison).Assembly).Run(rest);
else if (args is [ReadingAgainstReference.Command, string model])
    MLNet.Papers.FastTextModel.Load(model);
else if (args is [FirstPrediction.Command, string zip, string view])
    FirstPrediction.Print(zip, view);
else if (args is [OwnTraining.Command, string corpus, string trained, string threads, string epochs])
    OwnTraining.WordVectors(corpus, trained, Number(threads), Number(epochs));
else if (args is [OwnTraining.ClassifierCommand, string rows, string classifier, string dimension, string letters, string pairs])
    OwnTraining.Classifier(rows, classifier, new ClassifierSetting(Number(dimension), Number(letters), Number(pairs)));
else if (args is [SideProcess.Command, string comparison, string side])
    await Comparison.ServeAsync(comparison, Enum.Parse<Side>(side));
else
    await Comparison.RunAllAsync(filter: args.ElementAtOrDefault(0) ?? "");

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
