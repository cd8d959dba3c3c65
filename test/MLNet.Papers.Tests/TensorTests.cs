using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests;

/// <summary>Tests of tensor functions: every tensor that a test makes is freed at its end.</summary>
public abstract class TensorTests
{
    private DisposeScope? _scope;

    [TestInitialize]
    public void Open() => _scope = NewDisposeScope();

    [TestCleanup]
    public void Close() => _scope!.Dispose();
}
