using MLNet.Papers.FastText;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Tests.FastText;

/// <summary>
/// The training of the papers written down a second time, in double precision and in the order of the equations: the predictions of a window are a batch, made
/// from one hidden vector.
/// </summary>
internal sealed class PlainFastText
{
    private readonly FastTextModel _model;
    private readonly HuffmanTree _tree;
    private readonly AliasTable _table;
    private SplitMix _lineRandom;
    private SplitMix _outputRandom;

    public PlainFastText(FastTextModel model, int seed)
    {
        _model = model;
        Input = Rows((DenseMatrix)model.Input);
        Output = Rows((DenseMatrix)model.Output!);
        long[] counts = model.Dictionary.Counts(model.Arguments.IsSupervised).ToArray();
        _tree = new HuffmanTree(counts);
        _table = new AliasTable([.. counts.Select(count => Math.Sqrt(count))]);
        // The streams of the first worker.
        (_lineRandom, _outputRandom) = (new SplitMix(seed, 0), new SplitMix(seed, 1));
    }

    public double[][] Input { get; }

    public double[][] Output { get; }

    public double Loss { get; private set; }

    public int Examples { get; private set; }

    public double MeanLoss => Loss / Examples;

    /// <summary>Learns word vectors from a line whose words are all kept.</summary>
    public void LearnWords(int[] words, double learningRate)
    {
        foreach (int _ in words)
            _lineRandom.Next();
        for (int center = 0; center < words.Length; center++)
        {
            int reach = 1 + _lineRandom.Below(_model.Arguments.WindowSize);
            int[] context =
            [
                .. Enumerable.Range(center - reach, (2 * reach) + 1).Where(place => place != center && place >= 0 && place < words.Length)
                    .Select(place => words[place]),
            ];
            if (_model.Architecture == FastTextArchitecture.Cbow && context.Length > 0)
                Learn([.. context.SelectMany(word => _model.Dictionary.Rows(word).ToArray())], [words[center]], learningRate, 1);
            if (_model.Architecture == FastTextArchitecture.SkipGram && context.Length > 0)
                Learn(_model.Dictionary.Rows(words[center]).ToArray(), context, learningRate, 1);
        }
    }

    /// <summary>One step: equation 1 of Joulin et al. (2017) or the objective of section 3.1 of Bojanowski et al. (2017).</summary>
    public void Learn(int[] rows, int[] targets, double learningRate, double share)
    {
        double[] hidden = [.. Enumerable.Range(0, _model.Dimension).Select(column => rows.Average(row => Input[row][column]))];
        double[] step = new double[_model.Dimension];
        foreach ((int, bool)[] batch in Batches(targets))
        {
            foreach ((int row, double error) in Errors(hidden, batch))
            {
                for (int column = 0; column < hidden.Length; column++)
                {
                    double old = Output[row][column];
                    step[column] += learningRate * error * old;
                    Output[row][column] += learningRate * error * hidden[column];
                }
            }
        }

        Examples += targets.Length;
        foreach (int row in rows)
        {
            for (int column = 0; column < hidden.Length; column++)
                Input[row][column] += share * step[column];
        }
    }

    // What is decided before the next step: rows of the output, and what each should say.
    private IEnumerable<(int Row, bool IsRight)[]> Batches(int[] targets)
    {
        if (_model.Loss == FastTextLoss.Softmax)
            return targets.Select(target => Enumerable.Range(0, Output.Length).Select(row => (row, row == target)).ToArray());
        if (_model.Loss == FastTextLoss.HierarchicalSoftmax)
            return targets.Select(target => _tree.Path(target).ToArray());
        var batches = new List<List<(int, bool)>>();
        bool goesOn = false;
        // All negative samples are drawn before the first step. A target that has drawn a row twice is learned decision by decision, others in a row at once if
        // they fill groups of six rows.
        foreach ((int Row, bool)[] decisions in targets.Select(target => Negatives(target).Select(row => (row, false)).Prepend((target, true)).ToArray())
            .ToArray())
        {
            bool hasRepeats = decisions.DistinctBy(decision => decision.Row).Count() < decisions.Length;
            if (hasRepeats)
                batches.AddRange(decisions.Select(decision => new List<(int, bool)> { decision }));
            else if (goesOn)
                batches[^1].AddRange(decisions);
            else
                batches.Add([.. decisions]);
            goesOn = !hasRepeats && decisions.Length % 6 == 0;
        }

        return batches.Select(batch => batch.ToArray());
    }

    // By how much each row falls short of what it should say.
    private (int Row, double Error)[] Errors(double[] hidden, (int Row, bool IsRight)[] batch)
    {
        if (_model.Loss == FastTextLoss.Softmax)
        {
            double[] powers = [.. batch.Select(decision => Math.Exp(Dot(Output[decision.Row], hidden)))];
            double[] probabilities = [.. powers.Select(power => power / powers.Sum())];
            Loss -= batch.Zip(probabilities).Where(output => output.First.IsRight).Sum(output => Math.Log(output.Second));
            return [.. batch.Zip(probabilities, (decision, probability) => (decision.Row, (decision.IsRight ? 1 : 0) - probability))];
        }

        double[] said = [.. batch.Select(decision => 1 / (1 + Math.Exp(-Dot(Output[decision.Row], hidden))))];
        Loss -= batch.Zip(said, (decision, probability) => Math.Log(decision.IsRight ? probability : 1 - probability)).Sum();
        return [.. batch.Zip(said, (decision, probability) => (decision.Row, (decision.IsRight ? 1 : 0) - probability))];
    }

    private int[] Negatives(int target)
    {
        if (_model.Loss != FastTextLoss.NegativeSampling)
            return [];
        var negatives = new List<int>();
        while (negatives.Count < _model.Arguments.NegativeSamples)
        {
            int drawn = _table.Draw(ref _outputRandom);
            if (drawn != target)
                negatives.Add(drawn);
        }

        return [.. negatives];
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static double[][] Rows(DenseMatrix matrix) =>
        [.. Enumerable.Range(0, matrix.Rows).Select(row => matrix.Row(row).ToArray().Select(value => (double)value).ToArray())];
}
