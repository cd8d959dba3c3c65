using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Bert;

/// <summary>On a CPU, by kernels of our own, without padding.</summary>
internal sealed class KernelBertScorer : BertScorer
{
    // Enough rows that the weights are seldom read again, few enough that what becomes of them stays in the cache.
    private const int MostRows = 256;

    // Fewer rows than this, for each thread, wait for the weights: threads share them.
    private const int FewRows = 64;

    // Multiply-adds of a phase that are worth a thread.
    private const long LeastWork = 300_000;

    // All transformers with the same weights, and all their engines, share one copy in the kernels' order.
    private static readonly ConditionalWeakTable<NetworkWeights, KernelBertScorer> Known = [];

    private readonly BertArchitecture _architecture;
    private readonly TransformerBlock.BlockKernel[] _blocks;
    private readonly ConcurrentBag<Pass> _passes = [];
    private readonly long _workOfARow;

    private KernelBertScorer(BertArchitecture architecture, NetworkWeights weights)
    {
        _architecture = architecture;
        _workOfARow = architecture.HiddenSize * ((4L * architecture.HiddenSize) + (2L * architecture.InnerSize));
        Tables = architecture.Tables(name => weights[name]);
        _blocks = [.. Enumerable.Range(0, architecture.Layers).Select(i =>
            architecture.Block().Kernel(BertArchitecture.Own<float[]>(name => weights[name], i)))];
    }

    public override bool IsNative => false;

    private BertTables Tables { get; }

    /// <summary>The scorer of these weights.</summary>
    public static KernelBertScorer Of(BertArchitecture architecture, NetworkWeights weights) =>
        Known.GetValue(weights, _ => new KernelBertScorer(architecture, weights));

    public override void Run(BertBatch batch, int lowest, int highest, BertReceiver receive, bool firstOnly = false)
    {
        if (batch.Count == 0)
            return;
        int threads = Environment.ProcessorCount;
        List<(int First, int End)> parts = Cut(batch, threads);
        if (parts.Count > 1)
            Parallel.ForEach(Partitioner.Create(parts, EnumerablePartitionerOptions.NoBuffering), part => RunPart(part, 1));
        else
            RunPart(parts[0], (int)Math.Clamp(batch.Total * _workOfARow / TransformerBlock.BlockKernel.Steps / LeastWork, 1, threads));

        void RunPart((int First, int End) part, int together)
        {
            if (!_passes.TryTake(out Pass? pass))
                pass = new Pass(this);
            pass.Run(batch, part, (lowest, highest), receive, firstOnly, together);
            _passes.Add(pass);
        }
    }

    public override void Dispose()
    {
    }

    // Texts that follow each other, about as many rows in each part; a multiple of the threads, where they need not share the rows of one.
    private static List<(int First, int End)> Cut(BertBatch batch, int threads)
    {
        if (threads == 1 || batch.Total <= FewRows * threads || batch.Count < threads)
            return [(0, batch.Count)];
        int count = threads * ((batch.Total + (threads * MostRows) - 1) / (threads * MostRows));
        List<(int First, int End)> parts = [];
        for (int first = 0; first < batch.Count;)
        {
            int end = first + 1;
            long until = batch.Total * (parts.Count + 1L) / count;
            while (end < batch.Count && batch.Start(end) + (batch.Length(end) / 2) < until)
                end++;
            parts.Add((first, end));
            first = end;
        }

        return parts;
    }

    /// <summary>Some texts on their way through the network, by one thread or by several together.</summary>
    private sealed class Pass(KernelBertScorer scorer) : PhasedWork
    {
        private const int PartsOfAThread = 4;

        private readonly TransformerBlock.BlockRows _rows = new(scorer._architecture.Block());
        private readonly List<float[]> _kept = [];
        private float[][] _layers = [];
        private BertBatch _batch = null!;
        private BertReceiver _receive = null!;
        private (int First, int End) _texts;
        private int _lowest;
        private int _highest;
        private int _parts;
        private bool _firstOnly;

        // The sum of the tables, the steps of the blocks, and what is done with the layers.
        protected override int Phases => 2 + (_highest * TransformerBlock.BlockKernel.Steps);

        public void Run(
            BertBatch batch, (int First, int End) texts, (int Lowest, int Highest) layers, BertReceiver receive, bool firstOnly, int threads)
        {
            (_batch, _texts, _receive, _parts) = (batch, texts, receive, threads == 1 ? 1 : PartsOfAThread * threads);
            (_lowest, _highest) = layers;
            _firstOnly = firstOnly && _lowest == _highest && _highest > 0;
            _rows.Clear();
            for (int text = texts.First; text < texts.End; text++)
                _rows.Add(batch.Length(text));
            _rows.MakeRoom();
            // Layers that nobody asks for take turns in two buffers.
            int kept = _highest - _lowest + 1;
            while (_kept.Count < kept + 2)
                _kept.Add([]);
            for (int i = 0; i < _kept.Count; i++)
                _kept[i] = i < kept + 2 ? _rows.Room(_kept[i], scorer._architecture.HiddenSize) : _kept[i];
            _layers = [.. Enumerable.Range(0, _highest + 1).Select(layer => layer >= _lowest ? _kept[2 + layer - _lowest] : _kept[layer % 2])];
            Run(threads);
            (_batch, _receive) = (null!, null!);
        }

        protected override int Parts(int phase)
        {
            if (phase == 0 || phase == Phases - 1)
                return Math.Min(_parts, _rows.Sequences);
            (int layer, int step) = Math.DivRem(phase - 1, TransformerBlock.BlockKernel.Steps);
            return scorer._blocks[layer].Parts(step, _rows, IsFirstOnly(layer), _parts);
        }

        protected override void Run(int phase, int part)
        {
            int parts = Parts(phase);
            if (phase > 0 && phase < Phases - 1)
            {
                (int layer, int step) = Math.DivRem(phase - 1, TransformerBlock.BlockKernel.Steps);
                scorer._blocks[layer].Step(step, part, parts, _rows, _layers[layer], _layers[layer + 1], IsFirstOnly(layer));
                return;
            }

            int size = scorer._architecture.HiddenSize;
            for (int text = _rows.Sequences * part / parts; text < _rows.Sequences * (part + 1) / parts; text++)
            {
                int start = _rows.Start(text) * size, length = (_rows.Start(text + 1) * size) - start, number = _texts.First + text;
                if (phase == 0)
                    scorer.Tables.Write(_batch.Pieces(number), _batch.Second(number), _layers[0].AsSpan(start, length));
                else if (_firstOnly)
                    _receive(number, new BertLayers(_layers.AsSpan(_lowest), _lowest, text * size, size));
                else
                    _receive(number, new BertLayers(_layers.AsSpan(_lowest), _lowest, start, length));
            }
        }

        // Of what the highest block says nothing but the first places may be wanted.
        private bool IsFirstOnly(int block) => _firstOnly && block == _highest - 1;
    }
}
