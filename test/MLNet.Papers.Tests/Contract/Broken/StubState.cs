using System.IO.Hashing;
using System.Runtime.InteropServices;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>What a stub model saves; some faults make it save and read itself wrongly.</summary>
/// <param name="Fault">The fault that the model has.</param>
/// <param name="Weights">(2, D), row by row.</param>
/// <param name="Centre">D values.</param>
internal sealed record StubState(Fault Fault, float[] Weights, float[] Centre)
{
    private const byte RawMarker = 0xFA;

    private static readonly Dictionary<int, StubState> Kept = [];

    public int InputSize => Centre.Length;

    public void Write(Stream stream)
    {
        if (Fault is Fault.ReadsDamagedWeights or Fault.AllocatesWhatAFileClaims)
        {
            WriteRaw(stream);
            return;
        }

        StubState saved = this;
        if (Fault == Fault.WeightsStayInTheProcess)
        {
            Kept[InputSize] = this;
            saved = this with { Weights = new float[Weights.Length] };
        }

        var writer = new ModelWriter(stream);
        writer.WriteJson("fault", saved.Fault);
        writer.Write<float>("weights", saved.Weights, StubTransformer.Classes, InputSize);
        writer.Write<float>("centre", saved.Centre, InputSize);
        writer.End();
    }

    /// <exception cref="FormatException">The bytes are damaged.</exception>
    public static StubState Read(Stream stream)
    {
        int first = stream.ReadByte();
        if (first == RawMarker)
            return ReadRaw(stream);
        stream.Position = 0;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ReadBlocks(bytes);
    }

    private static StubState ReadBlocks(byte[] bytes)
    {
        var reader = Open(bytes);
        Fault fault = reader.ReadJson<Fault>("fault");
        float[] centre = reader.Read<float>("centre", -1);
        float[] weights = reader.Read<float>("weights", StubTransformer.Classes, centre.Length);
        reader.End();
        return fault == Fault.WeightsStayInTheProcess && Kept.TryGetValue(centre.Length, out StubState? kept) ? kept : new StubState(fault, weights, centre);
    }

    // Two faults must show before the blocks can be read: they hang on the file that is damaged, not on what it says.
    private static ModelReader Open(byte[] bytes)
    {
        if (bytes.Length < 8 && FaultyTransformer.LastSaved == Fault.CrashesOnWeightsCutShort)
            throw new EndOfStreamException("Unable to read beyond the end of the stream.");
        try
        {
            return new ModelReader(new MemoryStream(bytes));
        }
        catch (FormatException exception) when (FaultyTransformer.LastSaved == Fault.IgnoresWhatFollowsTheWeights && exception.Message.Contains("followed by"))
        {
            return new ModelReader(new MemoryStream(bytes[..^1]));
        }
    }

    // Marker, fault, number of inputs, numbers; at the end a checksum that one of the two faults does not look at.
    private void WriteRaw(Stream stream)
    {
        using var content = new MemoryStream();
        content.WriteByte(RawMarker);
        content.WriteByte((byte)Fault);
        content.Write(BitConverter.GetBytes(InputSize));
        content.Write(MemoryMarshal.AsBytes(Weights.AsSpan()));
        content.Write(MemoryMarshal.AsBytes(Centre.AsSpan()));
        stream.Write(content.ToArray());
        stream.Write(Checksum(content.ToArray()));
    }

    private static StubState ReadRaw(Stream stream)
    {
        const int Head = 6;
        byte[] bytes = new byte[stream.Length];
        stream.Position = 0;
        stream.ReadExactly(bytes);
        if (bytes.Length < Head + 8)
            throw new FormatException("The weights are cut short.");
        var fault = (Fault)bytes[1];
        int size = BitConverter.ToInt32(bytes, 2);
        long length = Head + ((StubTransformer.Classes + 1L) * size * sizeof(float)) + 8;
        if (fault is not (Fault.ReadsDamagedWeights or Fault.AllocatesWhatAFileClaims) || size is < 1 or > 1 << 25)
            throw new FormatException("The head of the weights is damaged.");
        float[] centre = fault == Fault.AllocatesWhatAFileClaims ? new float[size] : [];
        if (length != bytes.Length || (fault == Fault.AllocatesWhatAFileClaims && !Checksum(bytes.AsSpan(..^8)).SequenceEqual(bytes.AsSpan(^8..))))
            throw new FormatException("The weights are damaged.");
        ReadOnlySpan<float> numbers = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(Head, bytes.Length - Head - 8));
        float[] weights = numbers[..(StubTransformer.Classes * size)].ToArray();
        centre = numbers[weights.Length..].ToArray();
        return new StubState(fault, weights, centre);
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> content) => XxHash64.Hash(content);
}
