using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using MLNet.Papers.WordPieces;
using TorchSharp;
using static System.FormattableString;

namespace MLNet.Papers;

/// <summary>
/// Learns from texts to predict hidden pieces of words from all that stands around them, and turns texts into vectors that depend on the whole text.
/// </summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3 and 3.1 and appendix A.2.</para>
/// <para><b>Input.</b> A text, or a vector of texts, the words of one. With <see cref="BertOptions.DocumentColumnName"/> a row is a sentence, and rows with the
/// same value one after the other are a document. Texts without pieces are passed over.</para>
/// <para><b>Output.</b> See <see cref="BertTransformer"/>.</para>
/// <para><b>Loss.</b> The mean cross-entropy in nats of hidden pieces, and with documents and <see cref="BertOptions.NextSentence"/> that of whether a text
/// follows the one before it. Other pieces are hidden in each epoch. On rows to validate on they are always the same; the log has each loss by itself.</para>
/// <para><b>Training data.</b> Read once, and once before where pieces are learned. Held: 4 bytes a piece, and each different word while pieces are
/// learned; and 24 bytes a sequence of an epoch.</para>
/// <para><b>Randomness.</b> Initial weights, pairs of texts, hidden pieces, the order of sequences and dropout, all from Seed. The same seed, data and number
/// of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> Learns from all rows that have pieces.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// The texts have fewer than 1,000 pieces, or more than MaxTrainingPieces; there are too few documents for ValidationFraction; the training would take too much
/// memory; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
/// <exception cref="FormatException">The file of word pieces is none; the message names the line.</exception>
public sealed class BertEstimator : TechniqueEstimator<BertTransformer, BertOptions>
{
    private const int LeastPieces = 1_000;

    private readonly BertModel? _start;
    private readonly MaskedWordHead? _startHead;
    private readonly string _outputColumnName;
    private readonly TextColumn _text;
    private readonly LabelColumn? _document;

    internal BertEstimator(
        IHostEnvironment environment, BertTransformer? start, string outputColumnName, string inputColumnName, BertOptions? options)
        : base(environment, options)
    {
        _outputColumnName = Named(outputColumnName);
        _text = new(Named(inputColumnName));
        _document =
            Options.DocumentColumnName is { } document ? new(document) { Option = $"{nameof(BertOptions)}.{nameof(Options.DocumentColumnName)}" } : null;
        Columns.RequireDifferentNames();
        (_start, _startHead) = (start?.Model, start?.Head);
        if (_start is { Vocabulary.Mask: < 0 })
            throw new ArgumentException("The vocabulary of the BERT to go on from has no piece [MASK], which stands for hidden ones.", nameof(start));
        if (_start?.MaxLength < BertOptions.LeastLength)
        {
            throw new ArgumentException(
                Invariant($"The BERT to go on from reads texts of at most {_start.MaxLength} pieces, the marks counted; ") +
                Invariant($"learning needs at least {BertOptions.LeastLength}."),
                nameof(start));
        }
    }

    private protected override IEnumerable<InputColumn> Inputs => _document is null ? [_text] : [_text, _document];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => Columns.Create();

    private TokenVectorColumns Columns => new(
        _outputColumnName, _text.Name, Options.Pooling ?? _start?.Pooling ?? Pooling.Mean, Options.TokenVectorsColumnName, Options.TokensColumnName);

    private bool WantsPairs => _document is not null && Options.NextSentence;

    private protected override BertTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        int seed = Options.SeedOf(Environment);
        WordPieceTokenizer tokenizer = Tokenizer(input);
        PieceCorpus corpus = Read(input, tokenizer);
        if (corpus.PieceCount < LeastPieces)
        {
            throw new InvalidOperationException(
                Invariant($"Column '{_text.Name}' has {corpus.PieceCount} pieces of words in all rows; training needs at least {LeastPieces}. Add rows."));
        }

        PieceCorpus? held = Validation is null ? null : Read(Validation, tokenizer);
        if (held is { PieceCount: 0 })
            throw new InvalidOperationException($"Column '{_text.Name}' of Validation has no words. Give it rows that have, or set it to null.");
        ValidationSplit split = ValidationSplit.Draw(
            [.. Enumerable.Range(0, corpus.DocumentCount)], held is null ? Options.ValidationFraction : 0, seed, _document is null ? "rows" : "documents");
        bool hasPairs = WantsPairs && split.Training.Length > 1;
        if (WantsPairs && !hasPairs)
        {
            channel.Warning(MessageSensitivity.Schema,
                $"Column '{_document!.Name}' has one document; what follows cannot be told from what does not, and only hidden pieces are learned.");
        }

        PretrainingCorpus training = CorpusOf(corpus, split.Training, hasPairs);
        PretrainingCorpus? validation = held is not null ? CorpusOf(held, [.. Enumerable.Range(0, held.DocumentCount)], hasPairs)
            : split.Validation.Length > 0 ? CorpusOf(corpus, split.Validation, hasPairs)
            : null;
        string fingerprint = Invariant($"{Options.Fingerprint()} seed {seed} texts {corpus.Hash():x16} validation {held?.Hash():x16} ") +
            Invariant($"start {_start?.Weights.Hash():x16} {_startHead?.Weights.Hash():x16}");
        return Train(tokenizer, training, validation, seed, device, fingerprint, channel);

        PretrainingCorpus CorpusOf(PieceCorpus pieces, int[] documents, bool pairs) => new(
            pieces, documents, MaxLength, pairs && documents.Length > 1,
            new(tokenizer.Vocabulary.Classification, tokenizer.Vocabulary.Separator, _start is null or { Architecture.Segments: > 1 }),
            Masking(tokenizer.Vocabulary), Check);
    }

    // Of what is learned from; a start goes on reading texts of its own length.
    private int MaxLength => _start is null ? Options.MaxLength : Math.Min(_start.MaxLength, Options.MaxLength);

    private WordMasking Masking(WordPieceVocabulary vocabulary) => new(
        vocabulary.Count, vocabulary.Mask, Options.MaskProbability, Options.MaxPredictions ?? int.MaxValue, Options.WholeWord
            ? [.. vocabulary.Pieces.Select(piece => piece.StartsWith(WordPieceVocabulary.Continuation, StringComparison.Ordinal))]
            : null);

    private BertTransformer Train(
        WordPieceTokenizer tokenizer, PretrainingCorpus training, PretrainingCorpus? validation, int seed, torch.Device device, string fingerprint,
        IChannel channel)
    {
        var batches = new PretrainingBatches(training.Sequences, Options.BatchSize, seed);
        channel.Info(MessageSensitivity.None, Invariant($"{training.Pieces.PieceCount} pieces in {training.Documents.Count} documents, ") +
            Invariant(
                $"{tokenizer.Vocabulary.Count} different ones; about {batches.SequencesOfAnEpoch} sequences and {batches.StepsPerEpoch} steps an epoch."));
        BertArchitecture architecture = _start is null
            ? Options.Architecture(tokenizer.Vocabulary.Count, training.HasPairs).RequireScorable(nameof(BertOptions))
            : _start.Architecture with { HasPooler = _start.Architecture.HasPooler || training.HasPairs };
        MaskedWordArchitecture words = MaskedWordArchitecture.Of(architecture);
        RequireMemory(architecture, words, Math.Min(Options.BatchSize, batches.SequencesOfAnEpoch), device);
        using DisposeScope scope = torch.NewDisposeScope();
        using PretrainingModule module = InitialWeights.Of(seed, () => new PretrainingModule(architecture, words, training.HasPairs));
        if (_start is not null)
            _start.Weights.CopyTo(_start.Architecture, module.Encoder);
        if (_startHead is not null)
        {
            _startHead.Weights.CopyTo(words, module.Head);
        }
        else
        {
            // A head that had to learn first how often pieces occur would move the encoder by that, until its vectors hardly differ.
            module.BeginWith(training.LogFrequencies(architecture.Pieces));
            if (_start is not null)
            {
                channel.Info(
                    MessageSensitivity.None, "The BERT to go on from predicts no hidden pieces: what predicts them begins anew, and is learned with it.");
            }
        }

        module.to(device);
        var task = new PretrainingTask(Options, module, training, batches, validation, seed, channel, device);
        var plan = new TrainingPlan(Options, (long)Options.Epochs * batches.StepsPerEpoch, seed, Options.LearningRates.At, fingerprint);
        new TrainingLoop(Environment, plan, task).Run();
        var model = new BertModel(
            tokenizer.Vocabulary, tokenizer.Rules, architecture, NetworkWeights.Of(architecture, module.Encoder), _start?.MaxLength ?? MaxLength,
            _start?.Pooling ?? Pooling.Mean, _start?.Normalizes ?? false);
        return new BertTransformer(Environment, new BertTransformer.State(
            BertOutputs.Of(_outputColumnName, _text.Name, Options.Outputs(), model), model,
            Options.KeepMaskedWordHead ? new(words, NetworkWeights.Of(words, module.Head)) : null));
    }

    // The words that are predicted besides what the encoder keeps.
    private void RequireMemory(BertArchitecture architecture, MaskedWordArchitecture words, int rows, torch.Device device)
    {
        double predictions = rows * Math.Ceiling(Options.MaskProbability * MaxLength);
        double numbers = (TrainingMemory.NumbersOfAWeight * (double)words.ParameterCount) + (TrainingMemory.NumbersOfALogit * predictions * words.Pieces);
        TrainingMemory.Require(Options, [architecture with { Positions = MaxLength }], rows, device, others: numbers);
    }

    private WordPieceTokenizer Tokenizer(IDataView input)
    {
        if (_start is not null)
            return new(_start.Vocabulary, _start.Rules);
        WordPieceRules rules = WordPieceRules.Of(WordPieceConvention.HuggingFace, Options.LowerCase);
        if (Options.VocabularyPath is not { } path)
            return new(Learn(input, rules), rules);
        WordPieceVocabulary vocabulary = WordPieceVocabulary.Load(path);
        return vocabulary.Mask >= 0
            ? new(vocabulary, rules)
            : throw new FormatException($"'{path}' has no piece [MASK], which stands for hidden ones; add a line with it.");
    }

    private WordPieceVocabulary Learn(IDataView input, WordPieceRules rules)
    {
        var learning = new WordPieceOptions { VocabularySize = Options.VocabularySize };
        return WordPieceTraining.Learn(WordCounts.Read(input, _text.Name, rules, learning.MaxWords, Check), learning, Check);
    }

    private PieceCorpus Read(IDataView data, WordPieceTokenizer tokenizer) =>
        PieceCorpus.Read(data, _text.Name, _document?.Name, tokenizer, Options.MaxTrainingPieces, Check);
}
