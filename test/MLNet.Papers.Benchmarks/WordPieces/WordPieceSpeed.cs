using FastBertTokenizer;
using MLNet.Papers.Samples.Bert;
using MLNet.Papers.Samples.Texts;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Benchmarks.WordPieces;

/// <summary>Cutting texts into word pieces with a published vocabulary, on one thread.</summary>
internal abstract class WordPieceSpeed(string language) : Comparison
{
    public override string Name => $"word pieces: messages of programs, {language}, against FastBertTokenizer, one thread";

    public override string Goal => "≥ 1 times its texts per second";

    protected abstract bool IsOfLanguage(string language);

    public override Task<Measured> MeasureAsync()
    {
        const int most = 50_000;
        string[] texts = [.. ResourceStrings.Read(DotnetInstallation.SdkFolder(), CancellationToken.None)
            .Where(text => IsOfLanguage(text.Language)).Select(text => text.Text).Take(most)];
        var tokenizer = new WordPieceTokenizer(WordPieceVocabulary.Load(PackagedEncoder.MiniLM.VocabularyPath), new());
        var peer = new BertTokenizer();
        using (StreamReader vocabulary = File.OpenText(PackagedEncoder.MiniLM.VocabularyPath))
            peer.LoadVocabulary(vocabulary, convertInputToLowercase: true);
        var pieces = new List<WordPiece>();
        long[] ids = new long[512], present = new long[512];
        (double ratio, TimeSpan ours, TimeSpan theirs) = SideBySide(
            () =>
            {
                foreach (string text in texts)
                {
                    pieces.Clear();
                    tokenizer.Tokenize(text, pieces);
                }
            },
            () =>
            {
                foreach (string text in texts)
                    peer.Encode(text, ids, present);
            },
            turns: 7);
        return Task.FromResult(new Measured(
            Text($"{ratio:F2}"), Text($"{texts.Length / ours.TotalSeconds:N0} against {texts.Length / theirs.TotalSeconds:N0} texts a second")));
    }
}

internal sealed class EnglishWordPieces() : WordPieceSpeed("English")
{
    protected override bool IsOfLanguage(string language) => language == ResourceStrings.English;
}

internal sealed class ManyLanguagesWordPieces() : WordPieceSpeed("13 other languages")
{
    protected override bool IsOfLanguage(string language) => language != ResourceStrings.English;
}
