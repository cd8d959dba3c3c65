using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Distillation;

/// <summary>The generations of a network, all alike but for their weights.</summary>
/// <param name="Weights">The weights of the generations that are kept.</param>
/// <param name="Numbers">Their numbers, rising.</param>
/// <param name="Outputs">The numbers of those that score, rising.</param>
internal sealed record Generations(IReadOnlyList<NetworkWeights> Weights, IReadOnlyList<int> Numbers, IReadOnlyList<int> Outputs) : IModelPart<Generations>
{
    private const string OutputBlock = "output generations";
    private const int Most = 1 << 10;

    /// <summary>The weights of those that score.</summary>
    public IEnumerable<NetworkWeights> OutputWeights() => Outputs.Select(number => Weights[Numbers.ToList().IndexOf(number)]);

    void IModelPart.Write(ModelWriter writer, string block)
    {
        writer.Write<int>(block, [.. Numbers], Numbers.Count);
        writer.Write<int>(OutputBlock, [.. Outputs], Outputs.Count);
        for (int i = 0; i < Numbers.Count; i++)
            Weights[i].Write(writer, writer.Members.Latest<INetworkArchitecture>(), Prefix(Numbers[i]));
    }

    static Generations IModelPart<Generations>.Read(ModelReader reader, string block)
    {
        int[] numbers = reader.Read<int>(block, -1), outputs = reader.Read<int>(OutputBlock, -1);
        if (numbers.Length is < 1 or > Most || !IsRising(numbers))
            throw new FormatException($"Block '{block}' must be numbers from 0 that rise.");
        if (outputs.Length == 0 || !IsRising(outputs) || outputs.Except(numbers).Any())
            throw new FormatException($"Block '{OutputBlock}' must be some of those in block '{block}', and rise.");
        var architecture = reader.Members.Latest<INetworkArchitecture>();
        return new([.. numbers.Select(number => NetworkWeights.Read(reader, architecture, Prefix(number)))], numbers, outputs);
    }

    private static bool IsRising(int[] numbers) => numbers[0] >= 0 && numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second);

    private static string Prefix(int number) => FormattableString.Invariant($"generation {number} ");
}
