using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.CoVe;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

[assembly: LoadableModel<TranslationTransformer>("Translation")]

namespace MLNet.Papers;

/// <summary>Translates texts with an attention encoder-decoder.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107, section 3;
/// Hill, Cho, Jean, Devin and Bengio, "Embedding Word Similarity with Neural Machine Translation", ICLR 2015 workshop, arXiv:1412.6448, for
/// <see cref="WordVectors"/>.</para>
/// <para><b>Input.</b> A vector of texts, the tokens; or a text, whose tokens are what stands between white space, as they did in training. A text of more than
/// 1,000 tokens is translated in pieces of 1,000.</para>
/// <para><b>Output.</b> A text: the tokens of the translation with a space between them. A translation has at most 10 and twice the source's tokens. A text
/// without tokens has an empty translation.</para>
/// <para><b>Cost.</b> Grows with <see cref="TranslationOutputOptions.BeamWidth"/>, the length of the translation and the number of target words. On a CPU
/// translations do not depend on what else is translated.</para>
/// </remarks>
public sealed class TranslationTransformer : ScoringTransformer, ISavedTransformer<TranslationTransformer>
{
    // What the encoder says of so many pieces is held at a time, or of fewer where it says much.
    private const int HeldPieces = 32;
    private const long MostHeldValues = 1L << 26;

    private const string UnknownWord = "<unk>";

    private readonly State _state;
    private readonly LazyScorer<EncoderScorer> _encoder;
    private readonly LazyScorer<DecoderScorer> _decoder;

    internal TranslationTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        _encoder = new LazyScorer<EncoderScorer>(() => EncoderScorer.Create(state.Encoder, TorchDevice.Of(environment)));
        _decoder = new LazyScorer<DecoderScorer>(() => DecoderScorer.Create(state.Decoder, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of texts.</summary>
    public string InputColumnName => _state.Outputs.InputColumnName;

    /// <summary>The name of the column of translations.</summary>
    public string OutputColumnName => _state.Outputs.OutputColumnName;

    /// <summary>How many numbers encoder and decoder were trained to have; the source's word vectors are not among them.</summary>
    public long ParameterCount => _state.Encoder.Architecture.ParameterCount + _state.Decoder.Architecture.ParameterCount;

    /// <summary>
    /// The vectors of the source's words. Where the translation learned them they stand near to each other if the words mean or do the same, rather than if
    /// they belong to the same subject (Hill et al. 2015); <c>mlContext.Transforms.Text.ApplyFastText</c> makes features of them.
    /// </summary>
    public FastTextModel WordVectors => _state.Encoder.WordVectors;

    /// <summary>The words that translations are made of, the most frequent in training first.</summary>
    public IReadOnlyList<string> TargetWords => _state.Decoder.Vocabulary.Words;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal EncoderModel Encoder => _state.Encoder;

    internal DecoderModel Decoder => _state.Decoder;

    /// <summary>A transformer with the same network that looks for translations in another way.</summary>
    /// <param name="outputColumnName">The column that receives the translations.</param>
    /// <param name="inputColumnName">The column of texts.</param>
    /// <param name="options">How translations are looked for; null for the defaults.</param>
    /// <returns>The transformer, to be disposed by the caller. This one is not affected.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    public TranslationTransformer WithOutputs(string outputColumnName, string inputColumnName, TranslationOutputOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        options ??= new();
        options.Validate();
        return new TranslationTransformer(Environment, _state with { Outputs = TranslationOutputs.Of(outputColumnName, inputColumnName, options) });
    }

    /// <summary>Translates a text and says what was attended to.</summary>
    /// <param name="text">Its tokens stand between white space; at most 1,000.</param>
    /// <exception cref="ArgumentException">The text has more tokens.</exception>
    public Translation Translate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] tokens = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (tokens.Length > EncoderArchitecture.LongestText)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"The text has {tokens.Length} tokens; at most {EncoderArchitecture.LongestText} are translated in one go."),
                nameof(text));
        }

        return tokens.Length == 0 ? new([], [], 0, []) : Translate([tokens])[0];
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => [_state.Outputs.Column()];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(this, input, capacity);

    private protected override IEnumerable<ILazyScorer> Scorers => [_encoder, _decoder];

    // Of sentences that have tokens.
    private Translation[] Translate(IReadOnlyList<string[]> sentences)
    {
        var encoded = new EncodedSentence[sentences.Count];
        _encoder.Value.Run(sentences, (number, sentence) => encoded[number] = sentence with { Layers = sentence.Layers.Kept() });
        Hypothesis[] found = _decoder.Value.Translate(encoded, new BeamSearch(_state.Outputs.BeamWidth, _state.Outputs.LengthPenalty));
        return [.. found.Select((hypothesis, i) =>
        {
            Hypothesis[] words = [.. hypothesis.Words().Where(word => word.Word != TokenVocabulary.End)];
            return new Translation(
                sentences[i], [.. words.Select(word => Text(word, sentences[i]))], hypothesis.LogProbability, [.. words.Select(word => word.Attention)]);
        })];
    }

    private string Text(Hypothesis word, string[] source)
    {
        if (word.Word != TokenVocabulary.Unknown)
            return _state.Decoder.Vocabulary.Words[word.Word - TokenVocabulary.Marks];
        return _state.Outputs.CopyUnknownWords ? source[TensorPrimitives.IndexOfMax<float>(word.Attention)] : UnknownWord;
    }

    /// <summary>All that the transformer is made of; saved as it stands here, the word vectors last.</summary>
    internal sealed record State([Block] TranslationOutputs Outputs, EncoderModel Encoder, DecoderModel Decoder) : IModelRecord
    {
        public string? FindFault() => Outputs.BeamWidth is < 1 or > DecoderArchitecture.MostBeginnings || !double.IsFinite(Outputs.LengthPenalty)
            ?
                FormattableString.Invariant($"Block 'outputs' has a beam of {Outputs.BeamWidth}, which must be from 1 to ") +
                FormattableString.Invariant($"{DecoderArchitecture.MostBeginnings}, and a length penalty of {Outputs.LengthPenalty}, which must be finite.")
            : Decoder.FindFault(Encoder.Architecture);
    }

    private sealed class Session(TranslationTransformer transformer, DataViewRow input, int capacity) : ScoringSession
    {
        private readonly TokenInput _input = TokenInput.Create(input, transformer.InputColumnName);
        private readonly List<ReadOnlyMemory<char>> _row = [];
        private readonly StringPool _pool = new();
        private readonly string[][] _texts = new string[capacity][];
        private readonly ScalarOutputBuffer<ReadOnlyMemory<char>> _translations = OutputBuffer.Scalar<ReadOnlyMemory<char>>(capacity);

        public override IReadOnlyList<OutputBuffer?> Outputs => [_translations];

        public override void ReadRow(int slot)
        {
            _input.Read(_row);
            _texts[slot] = [.. _row.Select(token => _pool.Get(token.Span))];
        }

        public override void Score(int count)
        {
            var translated = new List<string>[count];
            var pieces = new List<(int Slot, string[] Tokens)>();
            for (int slot = 0; slot < count; slot++)
            {
                translated[slot] = [];
                pieces.AddRange(_texts[slot].Chunk(EncoderArchitecture.LongestText).Select(piece => (slot, piece)));
            }

            long valuesOfAPiece = EncoderArchitecture.LongestText * transformer._state.Encoder.Architecture.Stack().ValuesOfAStep();
            int most = (int)Math.Clamp(MostHeldValues / valuesOfAPiece, 1, HeldPieces);
            for (int first = 0; first < pieces.Count; first += most)
            {
                List<(int Slot, string[] Tokens)> held = pieces.GetRange(first, Math.Min(most, pieces.Count - first));
                foreach (((int slot, _), Translation translation) in held.Zip(transformer.Translate([.. held.Select(piece => piece.Tokens)])))
                    translated[slot].AddRange(translation.Target);
            }

            for (int slot = 0; slot < count; slot++)
                _translations[slot] = string.Join(' ', translated[slot]).AsMemory();
        }
    }
}

/// <summary>What a translating transformer puts out and how it looks for it; saved with it.</summary>
internal sealed record TranslationOutputs(string OutputColumnName, string InputColumnName, int BeamWidth, double LengthPenalty, bool CopyUnknownWords)
{
    /// <summary>The column that is added.</summary>
    public OutputColumn Column() => new(OutputColumnName, TextDataViewType.Instance);

    /// <summary>The outputs that options describe.</summary>
    public static TranslationOutputs Of(string outputColumnName, string inputColumnName, TranslationOutputOptions options) =>
        new(outputColumnName, inputColumnName, options.BeamWidth, options.LengthPenalty, options.CopyUnknownWords);
}
