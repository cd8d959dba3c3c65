namespace MLNet.Papers.CoVe;

/// <summary>Translates on a CPU. Values do not depend on what else is translated.</summary>
internal sealed class KernelDecoder(DecoderModel model) : DecoderScorer(model)
{
    private readonly DecoderKernel _kernel = new(model.Architecture, name => model.Weights[name]);

    protected override bool IsParallel => Environment.ProcessorCount > 1;

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    public override DecoderRun Start(EncodedSentence[] sentences) => new Run(this, sentences);

    private sealed class Run : DecoderRun
    {
        private readonly KernelDecoder _scorer;
        private readonly float[][] _memories;
        private DecoderKernel.State _state;
        private float[][] _attention = [];
        private float[] _logits = [];

        public Run(KernelDecoder scorer, EncodedSentence[] sentences)
        {
            (float[] Hidden, float[] Cells)[] final = scorer.Final(sentences);
            _scorer = scorer;
            _memories = Array.ConvertAll(sentences, scorer.Top);
            _state = new(
                new(sentences.Length, Array.ConvertAll(final, layer => layer.Hidden), Array.ConvertAll(final, layer => layer.Cells)),
                new float[final[0].Hidden.Length]);
        }

        public override void Step(ReadOnlySpan<int> parents, ReadOnlySpan<int> sentences, ReadOnlySpan<int> words)
        {
            int values = parents.Length * _scorer._kernel.LogitStride;
            _state = _state.Of(parents.ToArray());
            _attention = _scorer._kernel.Step(Array.ConvertAll(sentences.ToArray(), sentence => _memories[sentence]), _state, words);
            _logits = _logits.Length >= values ? _logits : new float[values];
            _scorer._kernel.Logits(_state, _logits);
        }

        public override Span<float> Logits(int row) => _logits.AsSpan(row * _scorer._kernel.LogitStride, _scorer.Model.Architecture.Words);

        public override float[] Attention(int row) => _attention[row];

        public override void Dispose()
        {
        }
    }
}
