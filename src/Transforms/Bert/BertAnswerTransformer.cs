using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.WordPieces;

[assembly: LoadableModel<BertAnswerTransformer>("BertAnswer")]

namespace MLNet.Papers;

/// <summary>Answers questions about a context with words of the context, with an encoder that was fine-tuned for that.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 4.2 and 4.3.</para>
/// <para><b>Input.</b> A question and a context, a text each. A context that does not fit into <see cref="MaxLength"/> pieces together with its question is
/// read in windows that overlap, and the best answer of all windows is taken.</para>
/// <para><b>Output.</b> The column of answers, a text: a part of the context as it is written there; empty where the network finds none, if it learned from
/// rows without an answer, and where the context is empty. With ".Start" behind its name, an Int32: where the answer begins in the context, in UTF-16 units,
/// and -1 where there is none. With ".Score" behind its name, a Single: the probability that the network gives to both ends of the answer, among all places of
/// all windows.</para>
/// <para><b>ONNX.</b> It cannot be written as an ONNX model: an answer is a text of several windows.</para>
/// <para><b>Cost.</b> That of <see cref="BertTransformer"/> for each window. The values do not depend on what else is scored.</para>
/// </remarks>
public sealed class BertAnswerTransformer : ScoringTransformer, ISavedTransformer<BertAnswerTransformer>
{
    private readonly State _state;
    private readonly LazyScorer<BertScorer> _scorer;

    internal BertAnswerTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        BatchSize = BertSession.BatchSize(state.Model.Architecture.HiddenSize);
        _scorer = new(() => BertScorer.Create(state.Model.Architecture, state.Model.Weights, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of answers.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    /// <summary>The name of the column of questions.</summary>
    public string QuestionColumnName => _state.QuestionColumnName;

    /// <summary>The name of the column of contexts.</summary>
    public string ContextColumnName => _state.ContextColumnName;

    /// <summary>The most pieces of a question and a window of its context, with their marks.</summary>
    public int MaxLength => _state.Model.MaxLength;

    /// <summary>Whether it may say that a context has no answer.</summary>
    public bool MayFindNone => _state.MayFindNone;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [ScalarColumn.Text(QuestionColumnName), ScalarColumn.Text(ContextColumnName)];

    private protected override IModelRecord SavedState => _state;

    /// <summary>The columns that are added.</summary>
    internal static IReadOnlyList<OutputColumn> Columns(string outputColumnName) =>
    [
        new(outputColumnName, TextDataViewType.Instance),
        new($"{outputColumnName}.Start", NumberDataViewType.Int32),
        new($"{outputColumnName}.Score", NumberDataViewType.Single),
    ];

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => Columns(OutputColumnName);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        new Session(_state, _scorer.Value, new(_state.Model, input, new(QuestionColumnName, ContextColumnName), _state.Windows), capacity);

    internal override string? FindOnnxFault(DataViewSchema input) => "an answer is a text, found in several windows of its context";

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        string OutputColumnName,
        string QuestionColumnName,
        string ContextColumnName,
        BertModel Model,
        LinearHead Head,
        [Block("windows")] AnswerWindows Windows,
        bool MayFindNone) : IModelRecord
    {
        public string? FindFault() => Windows.FindFault() ?? (Head.Architecture.Outputs == 2 && Head.Architecture.Size == Model.Architecture.HiddenSize
            ? null
            : $"Block 'head' gives {Head.Architecture.Outputs} numbers of {Head.Architecture.Size}, but must give 2 of {Model.Architecture.HiddenSize}.");
    }

    // What the network says of a window: its best answer, that there is none, and the sums of the exponentials of both kinds of ends, as logarithms.
    private readonly record struct WindowAnswer(AnswerSpan Best, float None, double Starts, double Ends);

    private sealed class Session(State state, BertScorer scorer, AnswerReader reader, int capacity) : ScoringSession
    {
        private readonly ScalarOutputBuffer<ReadOnlyMemory<char>> _answer = OutputBuffer.Scalar<ReadOnlyMemory<char>>(capacity);
        private readonly ScalarOutputBuffer<int> _start = OutputBuffer.Scalar<int>(capacity);
        private readonly ScalarOutputBuffer<float> _score = OutputBuffer.Scalar<float>(capacity);
        private readonly List<(string Context, WordPiece[] Pieces, int Windows)> _rows = [];
        private readonly List<WordPiece> _pieces = [];
        private readonly List<ContextWindow> _windows = [];

        public override IReadOnlyList<OutputBuffer?> Outputs => [_answer, _start, _score];

        public override bool IsFull => reader.Batch.Total >= BertSession.MostPieces;

        public override void ReadRow(int slot)
        {
            if (slot == 0)
            {
                reader.Batch.Clear();
                _rows.Clear();
                _windows.Clear();
            }

            _pieces.Clear();
            int before = _windows.Count;
            reader.Read(_pieces, _windows);
            _rows.Add((reader.Context.ToString(), [.. _pieces], _windows.Count - before));
        }

        public override void Score(int count)
        {
            var found = new WindowAnswer[_windows.Count];
            int top = state.Model.Architecture.Layers;
            scorer.Run(reader.Batch, top, top, (text, layers) => found[text] = Answer(_windows[text], layers[top]));
            int next = 0;
            for (int slot = 0; slot < count; slot++)
            {
                (string context, WordPiece[] pieces, int windows) = _rows[slot];
                Put(slot, context, pieces, _windows.GetRange(next, windows), found.AsSpan(next, windows));
                next += windows;
            }
        }

        private WindowAnswer Answer(ContextWindow window, ReadOnlySpan<float> top)
        {
            int places = top.Length / state.Model.Architecture.HiddenSize;
            using Scratch both = new(2 * places), apart = new(2 * (window.Count + 1));
            state.Head.Run(top, places, both.Span);
            // Of both kinds of ends first that of [CLS], which says that there is no answer, and then those of the context.
            Span<float> starts = apart.Span[..(window.Count + 1)], ends = apart.Span.Slice(window.Count + 1, window.Count + 1);
            for (int i = 0; i <= window.Count; i++)
            {
                int place = i == 0 ? 0 : window.Place + i - 1;
                (starts[i], ends[i]) = (both.Span[2 * place], both.Span[(2 * place) + 1]);
            }

            return new(
                AnswerSpan.Best(starts[1..], ends[1..], state.Windows.MaxAnswerLength), starts[0] + ends[0], LogarithmOfSum(starts), LogarithmOfSum(ends));
        }

        private void Put(int slot, string context, WordPiece[] pieces, List<ContextWindow> windows, ReadOnlySpan<WindowAnswer> found)
        {
            int best = 0, least = 0;
            for (int i = 1; i < found.Length; i++)
            {
                if (found[i].Best.Logit > found[best].Best.Logit)
                    best = i;
                if (found[i].None < found[least].None)
                    least = i;
            }

            double all = LogarithmOfSum(found, answer => answer.Starts) + LogarithmOfSum(found, answer => answer.Ends);
            // That there is no answer must hold in every window.
            if (pieces.Length == 0 || (state.MayFindNone && found[least].None > found[best].Best.Logit))
            {
                (_answer[slot], _start[slot], _score[slot]) = (default, -1, (float)Math.Exp(found[least].None - all));
                return;
            }

            AnswerSpan span = found[best].Best;
            WordPiece first = pieces[windows[best].First + span.First], last = pieces[windows[best].First + span.Last];
            (_answer[slot], _start[slot]) = (context.AsMemory(first.Start, last.Start + last.Length - first.Start), first.Start);
            _score[slot] = (float)Math.Exp(span.Logit - all);
        }

        private static double LogarithmOfSum(ReadOnlySpan<float> logits)
        {
            double greatest = TensorPrimitives.Max(logits), sum = 0;
            foreach (float logit in logits)
                sum += Math.Exp(logit - greatest);
            return greatest + Math.Log(sum);
        }

        private static double LogarithmOfSum(ReadOnlySpan<WindowAnswer> answers, Func<WindowAnswer, double> of)
        {
            double greatest = double.NegativeInfinity, sum = 0;
            foreach (WindowAnswer answer in answers)
                greatest = Math.Max(greatest, of(answer));
            foreach (WindowAnswer answer in answers)
                sum += Math.Exp(of(answer) - greatest);
            return greatest + Math.Log(sum);
        }
    }
}
