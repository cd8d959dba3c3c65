using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Persistence;

namespace MLNet.Papers.Tests.Training;

/// <summary>Makes checkpoints with right checksums that no training wrote.</summary>
/// <param name="honest">The bytes of one that a training wrote.</param>
internal sealed class ForgedCheckpoint(byte[] honest)
{
    // Where the state of the generator has what libtorch looks at.
    private const int Left = 8;
    private const int Seeded = 12;
    private const int Next = 16;
    private const int FirstNumber = 24;
    private const int FirstNormal = FirstNumber + (624 * 8);

    private readonly List<SavedBlock> _blocks = SavedBlock.ReadAll(honest, out _);

    /// <summary>Each with what is wrong with it.</summary>
    public IEnumerable<(string What, byte[] Bytes)> All()
    {
        foreach ((string field, string[] values) in new (string, string[])[]
        {
            ("Step", ["0", "-1", "8", "9", "9223372036854775807", "-9223372036854775808"]),
            ("ElapsedTicks", ["-1", "9223372036854775807", "-9223372036854775808"]),
            ("ValidationsSinceBest", ["-1", "2147483647", "-2147483648", "3"]),
            ("BestLoss", ["null", "1e400", "1e300", "\"NaN\""]),
            ("ValidationLoss", ["null", "-1e300", "-1e400"]),
        })
        {
            foreach (string value in values)
                yield return ($"{field} = {value}", WithField(field, value));
        }

        foreach (string steps in new[] { "0", "-1", "2", "4", "9223372036854775807" })
            yield return ($"optimizer's steps = {steps}", With("optimizer.steps", block => Json(block, steps)));

        byte[] generator = Block("generator").Data;
        foreach (int length in new[] { 0, 1, 8, 5048, generator.Length - 1, generator.Length + 1, generator.Length + 8, 2 * generator.Length })
            yield return ($"{length} bytes of a generator", WithGenerator([.. generator.Concat(generator).Take(length)]));
        foreach ((int place, int[] values) in new (int, int[])[]
        {
            (Left, [0, -1, 625, 1 << 30, int.MinValue]), (Seeded, [0, 2, -1]), (Next, [-1, 625, 1 << 30, int.MinValue]), (Next + 4, [1, -1]),
            (FirstNumber + 4, [1, -1]), (FirstNormal - 4, [1]), (FirstNormal + 24, [2, -1]), (FirstNormal + 36, [2, 0xFF]),
        })
        {
            foreach (int value in values)
                yield return ($"{value} at {place} of the generator", WithGenerator(Changed(generator, place, BitConverter.GetBytes(value))));
        }

        int left = BitConverter.ToInt32(generator, Left), next = BitConverter.ToInt32(generator, Next);
        yield return ("one number more is left", WithGenerator(Changed(generator, Left, BitConverter.GetBytes(left == 1 ? 2 : left - 1))));
        yield return ("the next number is another", WithGenerator(Changed(generator, Next, BitConverter.GetBytes(next == 0 ? 5 : next + 1))));
        yield return ("a normal number that is none", WithGenerator(Changed(Changed(generator, FirstNormal + 24, [1]), FirstNormal + 8, BitConverter.GetBytes(double.NaN))));

        foreach (SavedBlock block in _blocks)
        {
            yield return ($"'{block.Name}' missing", SavedBlock.Write(_blocks.Where(other => other != block)));
            if (block.Shape.Length > 0 && block.Type != BlockType.Json)
                yield return ($"'{block.Name}' longer", With(block.Name, own => own.Resized([own.Shape[0] + 1, .. own.Shape[1..]])));
        }
    }

    private SavedBlock Block(string name) => _blocks.Single(block => block.Name == name);

    private byte[] With(string name, Func<SavedBlock, SavedBlock> change) => SavedBlock.Write(_blocks.Select(block => block.Name == name ? change(block) : block));

    private byte[] WithGenerator(byte[] state) => With("generator", block => block with { Shape = [state.Length], Data = state });

    private byte[] WithField(string field, string value) => With("state", block =>
    {
        string text = Encoding.UTF8.GetString(block.Data);
        string forged = Regex.Replace(text, $"\"{field}\":\\s*[^,}}]+", string.Create(CultureInfo.InvariantCulture, $"\"{field}\":{value}"));
        Assert.AreNotEqual(text, forged, field);
        return Json(block, forged);
    });

    private static SavedBlock Json(SavedBlock block, string text)
    {
        byte[] data = Encoding.UTF8.GetBytes(text);
        return block with { Shape = [data.Length], Data = data };
    }

    private static byte[] Changed(byte[] bytes, int place, byte[] value)
    {
        byte[] changed = [.. bytes];
        value.CopyTo(changed, place);
        return changed;
    }
}
