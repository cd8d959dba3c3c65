using BenchmarkDotNet.Running;
using MLNet.Papers.Benchmarks;
using MLNet.Papers.Networks;

// Whole jobs, side by side with their peers, as one Markdown table: dotnet run -c Release --project test/MLNet.Papers.Benchmarks [-- part of a name]
// Single functions, by BenchmarkDotNet: dotnet run -c Release --project test/MLNet.Papers.Benchmarks -- micro [arguments of BenchmarkDotNet]
if (args is ["micro", .. string[] rest])
{
    BenchmarkSwitcher.FromAssembly(typeof(Comparison).Assembly).Run(rest);
}
else if (OwnProcess.Find(args) is { } work)
{
    await work();
}
else
{
    Libtorch.Require();  // bare loops must run as ours do
    await Comparison.RunAllAsync(filter: args.ElementAtOrDefault(0) ?? "");
}
