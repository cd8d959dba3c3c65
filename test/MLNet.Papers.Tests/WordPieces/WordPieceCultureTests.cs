using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.WordPieces;

/// <summary>Pieces of words are the same in every process: under each culture, and where the runtime knows none.</summary>
[TestClass]
public sealed class WordPieceCultureTests
{
    private const string Expected = "MLNET_PAPERS_PIECES";

    private static readonly WordPieceOptions[] Learned =
    [
        new() { MinPairCount = 1_000 }, new() { MinPairCount = 1_000, StripAccents = false, Convention = WordPieceConvention.Google },
        new() { MinPairCount = 1_000, LowerCase = false }, new() { MinPairCount = 2, LowerCase = true },
    ];

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("", "1"), DataRow("", "0"), DataRow("tr-TR", "0")]
    public void Another_process_cuts_texts_alike(string culture, string isInvariant)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, Pieces());
            using Process process = ProgramProcess.Start("MLNet.Papers.Tests", "MLNet.Papers.Tests", new Dictionary<string, string>
            {
                [Expected] = path,
                ["TESTINGPLATFORM_UI_LANGUAGE"] = "en-US",
                ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = isInvariant,
                ["LC_ALL"] = culture.Length == 0 ? "C" : $"{culture.Replace('-', '_')}.UTF-8",
            }, "--filter", $"FullyQualifiedName~{nameof(Pieces_are_those_that_are_expected)}", "--no-progress");
            ProgramProcess.OutputOf(process);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Pieces_are_those_that_are_expected()
    {
        string[] own = Pieces();
        if (Environment.GetEnvironmentVariable(Expected) is not { } path)
        {
            // A letter of Unicode 16, the one with a dot that a Turkish culture has for i, and one that loses its accent.
            CollectionAssert.IsSubsetOf(new[]
            {
                """0: "x\u1C89y \u1C89I" is "x"@0+1 "##\u1C8A"@1+1 "##y"@2+1 "\u1C8A"@4+1 "##i"@5+1""",
                """0: "x\u0130y \u0130I" is "x"@0+1 "##i"@1+1 "##y"@2+1 "i"@4+1 "##i"@5+1""",
                """0 as a file: "x\u00C9y \u00C9I" is "x"@0+1 "##e"@1+1 "##y"@2+1 "e"@4+1 "##i"@5+1""",
            }, own);
            return;
        }

        string[] expected = File.ReadAllLines(path);
        string[] differing = [.. expected.Zip(own).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.Second}, not {pair.First}")];
        Assert.IsEmpty(differing, $"{differing.Length} lines under '{CultureInfo.CurrentCulture.Name}':\n{string.Join('\n', differing.Take(20))}");
        Assert.HasCount(expected.Length, own);
    }

    // What is learned from a word with each character, and the pieces of it; and the same by the vocabulary as a file.
    private static string[] Pieces()
    {
        var ml = new MLContext(seed: 1);
        string[] texts = [.. Characters().Select(character => $"x{character}y {character}I")];
        var rows = new MemoryView([MemoryColumn.Texts("Text", texts)]);
        string path = Path.GetTempFileName();
        try
        {
            return [.. Learned.SelectMany((options, number) =>
            {
                (options.VocabularySize, options.MaxCharacters, options.WithOffsets) = (1_000_000, 100_000, true);
                WordPieceTransformer learned = ml.Transforms.Text.TokenizeIntoWordPieces("Pieces", "Text", options).Fit(rows);
                learned.SaveVocabulary(path);
                WordPieceTransformer applied = ml.Transforms.Text.ApplyWordPieces("Pieces", "Text", path, new() { WithOffsets = true }).Fit(rows);
                return (IEnumerable<string>)[.. Lines(learned, rows, texts, $"{number}"), .. Lines(applied, rows, texts, $"{number} as a file")];
            })];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Lines(WordPieceTransformer pieces, IDataView rows, string[] texts, string name)
    {
        IDataView cut = pieces.Transform(rows);
        uint[][] keys = [.. cut.GetColumn<uint[]>("Pieces")];
        int[][] starts = [.. cut.GetColumn<int[]>("Pieces.Start")], lengths = [.. cut.GetColumn<int[]>("Pieces.Length")];
        return texts.Select((text, row) => $"{name}: {JsonSerializer.Serialize(text)} is " + string.Join(' ', keys[row].Select((key, i) =>
            $"{JsonSerializer.Serialize(pieces.Vocabulary[(int)key - 1])}@{starts[row][i]}+{lengths[row][i]}")));
    }

    // What may have another form, or end a word: of writing without letters only what stands among the others.
    private static IEnumerable<Rune> Characters() => Enumerable.Range(0, 0x1FFFF).Where(Rune.IsValid).Select(value => new Rune(value)).Where(
        rune => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse => false,
            UnicodeCategory.OtherLetter or UnicodeCategory.OtherSymbol => rune.Value is < 0x1000 or (>= 0xF900 and <= 0xFFFF),
            _ => true,
        });
}
