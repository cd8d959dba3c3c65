using MLNet.Papers.Persistence;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>A copy of all parameters and buffers of a network, outside of torch.</summary>
internal sealed class NetworkSnapshot
{
    private readonly Dictionary<string, (long[] Shape, Array Values)> _tensors;

    private NetworkSnapshot(Dictionary<string, (long[] Shape, Array Values)> tensors) => _tensors = tensors;

    /// <summary>Whether all numbers are finite.</summary>
    public bool IsFinite => _tensors.Values.All(tensor => tensor.Values is not float[] values || values.All(float.IsFinite));

    public static NetworkSnapshot Of(nn.Module network) => Of(network.state_dict());

    /// <summary>A copy of other tensors.</summary>
    public static NetworkSnapshot Of(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        return new(tensors.ToDictionary(entry => entry.Key, entry => (entry.Value.shape, Values(entry.Value))));

        static Array Values(Tensor tensor)
        {
            Tensor plain = tensor.detach().cpu().contiguous();
            return plain.dtype == ScalarType.Int64 ? plain.data<long>().ToArray() : plain.data<float>().ToArray();
        }
    }

    public void CopyTo(nn.Module network) => CopyTo(network.state_dict());

    public void CopyTo(IReadOnlyDictionary<string, Tensor> state)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, (long[] shape, Array values)) in _tensors)
            state[name].copy_(values is long[] integers ? tensor(integers, shape) : tensor((float[])values, shape));
    }

    public void Write(ModelWriter writer, string prefix)
    {
        foreach ((string name, (long[] shape, Array values)) in _tensors)
        {
            if (values is long[] integers)
                writer.Write<long>(prefix + name, integers, shape);
            else
                writer.Write<float>(prefix + name, (float[])values, shape);
        }
    }

    /// <summary>Reads a snapshot of a network of the same architecture as <paramref name="network"/>.</summary>
    /// <exception cref="FormatException">A tensor is missing or has another shape.</exception>
    public static NetworkSnapshot Read(ModelReader reader, string prefix, nn.Module network) => Read(reader, prefix, network.state_dict());

    /// <summary>Reads a snapshot of tensors of the same names and shapes as <paramref name="tensors"/>.</summary>
    /// <exception cref="FormatException">A tensor is missing or has another shape.</exception>
    public static NetworkSnapshot Read(ModelReader reader, string prefix, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        return new(tensors.ToDictionary(
            entry => entry.Key,
            entry => (entry.Value.shape, entry.Value.dtype == ScalarType.Int64
                ? (Array)reader.Read<long>(prefix + entry.Key, entry.Value.shape)
                : reader.Read<float>(prefix + entry.Key, entry.Value.shape))));
    }
}
