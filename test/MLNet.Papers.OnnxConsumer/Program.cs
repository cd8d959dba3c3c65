// A user's program: it scores with a network that MLNet.Papers wrote as ONNX, and references neither that package nor TorchSharp.
// Usage: MLNet.Papers.OnnxConsumer MODEL.onnx INPUT OUTPUT ROWS.txt, each line of which has the numbers of a row between spaces.
// It prints the output of each row as such a line, and then "modules:" and the names of all that is loaded in the process.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

(string model, string input, string output, string rows) = (args[0], args[1], args[2], args[3]);
Row[] read = [.. File.ReadLines(rows)
    .Select(line => new Row { Values = [.. line.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))] })];
var ml = new MLContext(seed: 1);
SchemaDefinition definition = SchemaDefinition.Create(typeof(Row));
definition[0].ColumnName = input;
definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, read[0].Values.Length);
IDataView data = ml.Data.LoadFromEnumerable(read, definition);
IDataView scored = ml.Transforms.ApplyOnnxModel([output], [input], model).Fit(data).Transform(data);
foreach (VBuffer<float> values in scored.GetColumn<VBuffer<float>>(output))
    Console.WriteLine(string.Join(' ', values.DenseValues().Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
Console.WriteLine("modules:");
foreach (ProcessModule module in Process.GetCurrentProcess().Modules)
    Console.WriteLine(module.ModuleName);

internal sealed class Row
{
    public float[] Values { get; set; } = [];
}
