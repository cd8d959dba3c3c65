using System.Reflection;
using System.Xml.Linq;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Architecture;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Where libtorch is missing, one sentence names the package to add.</summary>
[TestClass]
public sealed class LibtorchTests
{
    [TestMethod]
    public void A_missing_library_is_said_in_one_sentence()
    {
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => Libtorch.Require(Assembly.GetExecutingAssembly(), "torch_that_is_not_there"));
        Assert.Contains("Training needs libtorch, which was not found: add the package libtorch-cpu-", error.Message);
        Assert.Contains($" {Libtorch.Version}", error.Message);
        Assert.IsLessThan(250, error.Message.Length);
    }

    [TestMethod]
    public void The_version_is_that_of_the_package()
    {
        XDocument versions = XDocument.Load(Repository.Path("Directory.Packages.props"));
        string[] libtorch =
        [
            .. versions.Descendants("PackageVersion")
                .Where(package => package.Attribute("Include")!.Value.StartsWith("libtorch-cpu-", StringComparison.Ordinal))
                .Select(package => package.Attribute("Version")!.Value)
                .Distinct(),
        ];
        CollectionAssert.AreEqual(new[] { Libtorch.Version }, libtorch);
    }

    [TestMethod]
    public void A_library_that_is_there_is_found() => Libtorch.Require();

    /// <summary>On some virtual machines several of a hundred are wrong unless libtorch is held to older instructions.</summary>
    [TestMethod]
    public void Convolutions_on_this_machine_are_those_in_64_bits()
    {
        int[] channels = [1, 3, 4, 5, 8, 12, 16, 20, 32], counts = [1, 4, 7, 32];
        var random = new Random(1);
        using var noise = new Noise(CPU);
        List<string> faults = [];
        for (int trial = 0; trial < 300; trial++)
        {
            using DisposeScope scope = NewDisposeScope();
            int inputs = channels[random.Next(channels.Length)], outputs = channels[random.Next(channels.Length)], kernel = random.Next(1, 6), stride = random.Next(1, 3),
                images = counts[random.Next(counts.Length)], side = kernel + random.Next(10);
            bool isTransposed = random.Next(3) == 0;
            // Freed memory that a kernel must not look at.
            foreach (Tensor garbage in Enumerable.Range(2, 12).Select(i => full(1L << i, float.NaN)).ToArray())
                garbage.Dispose();
            Tensor image = noise.Normal(images, inputs, side, side), weight = isTransposed ? noise.Normal(inputs, outputs, kernel, kernel) : noise.Normal(outputs, inputs, kernel, kernel);
            Tensor[] single = Run(image, weight), wide = Run(image.to_type(ScalarType.Float64), weight.to_type(ScalarType.Float64));
            foreach ((string what, Tensor one, Tensor other) in new[] { "output", "gradient of the image", "gradient of the weight" }.Zip(single, wide))
            {
                double error = ((one.to_type(ScalarType.Float64) - other).abs().max() / (1 + other.abs().max())).item<double>();
                if (!(error < 1e-3))
                    faults.Add($"{what}, {inputs} to {outputs} channels, kernel {kernel}, stride {stride}, {images} images of {side}, {(isTransposed ? "transposed" : "")}: {error}");
            }

            Tensor[] Run(Tensor own, Tensor ownWeight)
            {
                own = own.detach().requires_grad_(true);
                ownWeight = ownWeight.detach().requires_grad_(true);
                Tensor output = isTransposed ? nn.functional.conv_transpose2d(own, ownWeight, strides: [stride, stride]) : nn.functional.conv2d(own, ownWeight, strides: [stride, stride]);
                output.square().sum().backward();
                return [output, own.grad!, ownWeight.grad!];
            }
        }

        Assert.IsEmpty(faults, string.Join('\n', faults));
    }
}
