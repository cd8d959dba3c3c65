using System.Text;

namespace MLNet.Papers.Tests.FastText;

/// <summary>
/// The file of a classifier of dimension 2, written field by field, for the lines "__label__a the cat sat", "__label__b a dog ran" and "__label__a the cat
/// ran".
/// It has 328 bytes.
/// </summary>
internal static class WorkedFile
{
    public static readonly string[] Fields =
    [
        "magic", "version", "dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket", "minn", "maxn", "lrUpdateRate", "t",
        "size", "nwords", "nlabels", "ntokens", "pruneidx_size",
    ];

    private static readonly (string Name, long Count)[] Words = [("</s>", 3), ("the", 2), ("cat", 2), ("ran", 2), ("sat", 1), ("a", 1), ("dog", 1)];
    private static readonly (string Name, long Count)[] Labels = [("__label__a", 2), ("__label__b", 1)];

    /// <param name="changes">Other values for fields of <see cref="Fields"/>.</param>
    public static byte[] Create(params (string Field, double Value)[] changes)
    {
        Dictionary<string, double> changed = changes.ToDictionary(change => change.Field, change => change.Value);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        WriteInt("magic", 793712314);
        WriteInt("version", 12);
        WriteInt("dim", 2);
        WriteInt("ws", 5);
        WriteInt("epoch", 1);
        WriteInt("minCount", 1);
        WriteInt("neg", 5);
        WriteInt("wordNgrams", 1);
        WriteInt("loss", 3);
        WriteInt("model", 3);
        WriteInt("bucket", 0);
        WriteInt("minn", 0);
        WriteInt("maxn", 0);
        WriteInt("lrUpdateRate", 100);
        writer.Write(Value("t", 1e-4));
        WriteInt("size", 9);
        WriteInt("nwords", 7);
        WriteInt("nlabels", 2);
        writer.Write((long)Value("ntokens", 15));
        writer.Write((long)Value("pruneidx_size", -1));
        foreach ((string name, long count) in Words.Concat(Labels))
        {
            writer.Write(Encoding.UTF8.GetBytes(name));
            writer.Write((byte)0);
            writer.Write(count);
            writer.Write((byte)(name.StartsWith("__label__", StringComparison.Ordinal) ? 1 : 0));
        }

        WriteMatrix("quant_input", "m of the input", "n of the input", 7);
        WriteMatrix("qout", "m of the output", "n of the output", 2);
        writer.Flush();
        return stream.ToArray();

        double Value(string field, double value) => changed.GetValueOrDefault(field, value);

        void WriteInt(string field, int value) => writer.Write((int)Value(field, value));

        void WriteMatrix(string flag, string rowField, string columnField, int rows)
        {
            writer.Write((byte)Value(flag, 0));
            writer.Write((long)Value(rowField, rows));
            writer.Write((long)Value(columnField, 2));
            for (int i = 0; i < 2 * rows; i++)
                writer.Write((float)Value($"value {i}", 0.25 * i));
        }
    }
}
