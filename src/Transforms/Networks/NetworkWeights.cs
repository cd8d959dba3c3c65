using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNet.Papers.Persistence;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The weights of a network outside of torch: what a transformer keeps, saves and builds its scoring network from.</summary>
/// <remarks>Each weight is a block of a saved model, with its name; the names begin with that of the member's block, unless it is "weights".</remarks>
internal sealed class NetworkWeights : IModelPart<NetworkWeights>
{
    private readonly Dictionary<string, float[]> _values = [];

    public float[] this[string name] => _values[name];

    /// <summary>Whether all of them are finite.</summary>
    public bool IsFinite => _values.Values.All(values => values.All(float.IsFinite));

    /// <summary>Copies parameters and buffers out of a module.</summary>
    public static NetworkWeights Of(INetworkArchitecture architecture, nn.Module module)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> state = module.state_dict();
        var weights = new NetworkWeights();
        foreach ((string name, _) in architecture.Weights())
            weights._values[name] = state[name].detach().cpu().contiguous().data<float>().ToArray();
        return weights;
    }

    /// <summary>Weights from elsewhere.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="values">The values of each weight of the network.</param>
    public static NetworkWeights Of(INetworkArchitecture architecture, IReadOnlyDictionary<string, float[]> values)
    {
        var weights = new NetworkWeights();
        foreach ((string name, _) in architecture.Weights())
            weights._values[name] = values[name];
        return weights;
    }

    /// <summary>Copies these weights into a module of the same architecture.</summary>
    public void CopyTo(INetworkArchitecture architecture, nn.Module module)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> state = module.state_dict();
        foreach ((string name, long[] shape) in architecture.Weights())
            state[name].copy_(tensor(_values[name], shape));
    }

    /// <summary>A hash of all of them in their order.</summary>
    public ulong Hash()
    {
        var hash = new XxHash64();
        foreach (float[] values in _values.Values)
            hash.Append(MemoryMarshal.AsBytes(values.AsSpan()));
        return hash.GetCurrentHashAsUInt64();
    }

    /// <param name="writer">Where to write to.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="prefix">What the names of the blocks begin with, where a model has several networks.</param>
    public void Write(ModelWriter writer, INetworkArchitecture architecture, string prefix = "")
    {
        foreach ((string name, long[] shape) in architecture.Weights())
            writer.Write<float>(prefix + name, _values[name], shape);
    }

    /// <exception cref="FormatException">A weight is missing or its shape is not that of the architecture.</exception>
    public static NetworkWeights Read(ModelReader reader, INetworkArchitecture architecture, string prefix = "")
    {
        var weights = new NetworkWeights();
        foreach ((string name, long[] shape) in architecture.Weights())
            weights._values[name] = reader.Read<float>(prefix + name, shape);
        return weights;
    }

    void IModelPart.Write(ModelWriter writer, string block) => Write(writer, writer.Members.Latest<INetworkArchitecture>(), Prefix(block));

    static NetworkWeights IModelPart<NetworkWeights>.Read(ModelReader reader, string block) =>
        Read(reader, reader.Members.Latest<INetworkArchitecture>(), Prefix(block));

    private static string Prefix(string block) => block == "weights" ? "" : block + ".";
}
