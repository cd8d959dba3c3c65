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
    private readonly List<SavedBlock> _blocks = SavedBlock.ReadAll(honest, out _);

    /// <summary>Each with what is wrong with it.</summary>
    public IEnumerable<(string What, byte[] Bytes)> All()
    {
        foreach ((string field, string[] values) in new (string, string[])[]
        {
            ("Format", ["0", "1", "3", "-1"]),
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

        // Checkpoints once held the state of torch's generator, over which libtorch can end the process.
        yield return ("a generator", SavedBlock.Write([.. _blocks, _blocks.First(block => block.Type != BlockType.Json) with { Name = "generator" }]));
        foreach (SavedBlock block in _blocks)
        {
            yield return ($"'{block.Name}' missing", SavedBlock.Write(_blocks.Where(other => other != block)));
            if (block.Shape.Length > 0 && block.Type != BlockType.Json)
                yield return ($"'{block.Name}' longer", With(block.Name, own => own.Resized([own.Shape[0] + 1, .. own.Shape[1..]])));
        }
    }

    private byte[] With(string name, Func<SavedBlock, SavedBlock> change) =>
        SavedBlock.Write(_blocks.Select(block => block.Name == name ? change(block) : block));

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
}
