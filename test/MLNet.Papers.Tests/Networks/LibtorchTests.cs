using System.Reflection;
using System.Xml.Linq;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Architecture;

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
        string[] libtorch = [.. versions.Descendants("PackageVersion").Where(package => package.Attribute("Include")!.Value.StartsWith("libtorch-cpu-", StringComparison.Ordinal))
            .Select(package => package.Attribute("Version")!.Value).Distinct()];
        CollectionAssert.AreEqual(new[] { Libtorch.Version }, libtorch);
    }

    [TestMethod]
    public void A_library_that_is_there_is_found() => Libtorch.Require();
}
