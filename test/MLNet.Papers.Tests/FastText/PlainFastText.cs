using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

/// <summary>The training of the papers written down a second time, in double precision and in the order of the equations: a step for every single prediction.</summary>
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
            int[] context = [.. Enumerable.Range(center - reach, (2 * reach) + 1).Where(place => place != center && place >= 0 && place < words.Length).Select(place => words[place])];
            if (_model.Architecture == FastTextArchitecture.Cbow && context.Length > 0)
                Learn([.. context.SelectMany(word => _model.Dictionary.Rows(word).ToArray())], words[center], learningRate, 1);
            if (_model.Architecture == FastTextArchitecture.SkipGram && context.Length > 0)
            {
                // All negative samples of a window are drawn before its first step.
                int[][] negatives = [.. context.Select(Negatives)];
                for (int i = 0; i < context.Length; i++)
                    Learn(_model.Dictionary.Rows(words[center]).ToArray(), context[i], learningRate, 1, negatives[i]);
            }
        }
    }

    /// <summary>One step: equation 1 of Joulin et al. (2017) or the objective of section 3.1 of Bojanowski et al. (2017).</summary>
    public void Learn(int[] rows, int target, double learningRate, double share, int[]? negatives = null)
    {
        double[] hidden = [.. Enumerable.Range(0, _model.Dimension).Select(column => rows.Average(row => Input[row][column]))];
        double[] step = new double[_model.Dimension];
        foreach ((int row, double error) in Errors(hidden, target, negatives ?? Negatives(target)))
        {
            for (int column = 0; column < hidden.Length; column++)
            {
                double old = Output[row][column];
                step[column] += learningRate * error * old;
                Output[row][column] += learningRate * error * hidden[column];
            }
        }

        Examples++;
        foreach (int row in rows)
        {
            for (int column = 0; column < hidden.Length; column++)
                Input[row][column] += share * step[column];
        }
    }

    // The rows of the output that take part, and by how much each falls short of what it should say. Decisions are made one after the other, each after the step of the one before.
    private IEnumerable<(int Row, double Error)> Errors(double[] hidden, int target, int[] negatives)
    {
        if (_model.Loss == FastTextLoss.Softmax)
        {
            double[] powers = [.. Output.Select(row => Math.Exp(Dot(row, hidden)))];
            Loss -= Math.Log(powers[target] / powers.Sum());
            for (int row = 0; row < powers.Length; row++)
                yield return (row, (row == target ? 1 : 0) - (powers[row] / powers.Sum()));
            yield break;
        }

        IEnumerable<(int Row, bool IsRight)> decisions = _model.Loss == FastTextLoss.HierarchicalSoftmax
            ? _tree.Path(target)
            : negatives.Select(row => (row, false)).Prepend((target, true));
        foreach ((int row, bool isRight) in decisions)
        {
            double probability = 1 / (1 + Math.Exp(-Dot(Output[row], hidden)));
            Loss -= Math.Log(isRight ? probability : 1 - probability);
            yield return (row, (isRight ? 1 : 0) - probability);
        }
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

    private static double[][] Rows(DenseMatrix matrix) => [.. Enumerable.Range(0, matrix.Rows).Select(row => matrix.Row(row).ToArray().Select(value => (double)value).ToArray())];
}
