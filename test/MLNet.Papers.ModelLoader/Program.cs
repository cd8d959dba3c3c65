// A user's program: it references the package and names none of its types. The contract test runs it in a process of its own.
// Usage: MLNet.Papers.ModelLoader MODEL.zip DATA.idv SCORED.idv
// It prints the type of the model, and then the native libraries of torch that were loaded, each on a line.
using System.Diagnostics;
using Microsoft.ML;

var ml = new MLContext(seed: 1);
ITransformer model = ml.Model.Load(args[0], out _);
using (FileStream scored = File.Create(args[2]))
    ml.Data.SaveAsBinary(model.Transform(ml.Data.LoadFromBinary(args[1])), scored);
Console.WriteLine(model.GetType().FullName);
foreach (ProcessModule module in Process.GetCurrentProcess().Modules)
{
    if (module.ModuleName.Contains("torch", StringComparison.OrdinalIgnoreCase) && !module.ModuleName.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        Console.WriteLine(module.ModuleName);
}
