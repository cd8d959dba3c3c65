using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;
using MLNet.Papers.Application;

var ml = new MLContext(seed: 1);
Console.WriteLine($"pictures: {PictureFolder.Run(ml)}");
Console.WriteLine($"labels: {LabelKinds.Run(ml)}");
Console.WriteLine($"chains: {TaughtChains.Run(ml)}");
Console.WriteLine($"numbers: {Numbers.Run(ml)}");
Console.WriteLine($"ONNX: {OneOnnxFile.Run(ml)}");
Console.WriteLine($"explanations: {Explanations.Run(ml)}");
