using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>Encoder and decoder with the table of the source's words, as they are trained together.</summary>
internal sealed class TranslationModule : nn.Module
{
    private const double InitialBound = 0.1;

    private readonly EncoderModule encoder;
    private readonly DecoderModule decoder;
    private readonly Embedding? embedding;
    private readonly Tensor? _given;
    private readonly int _size;

    /// <summary>Makes the network on a device, every weight drawn evenly from -0.1 to 0.1 (section 3), from torch's process-wide generator.</summary>
    /// <remarks>The source's vectors, where they are learned, are drawn from N(0, 1): the published ones are given and as large, and an encoder of small inputs says nothing for long.</remarks>
    /// <param name="encoderArchitecture">The encoder.</param>
    /// <param name="decoderArchitecture">The decoder.</param>
    /// <param name="words">The source's words.</param>
    /// <param name="device">Where it is trained.</param>
    public TranslationModule(EncoderArchitecture encoderArchitecture, DecoderArchitecture decoderArchitecture, SourceWords words, Device device)
        : base(nameof(TranslationModule))
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        _size = words.Size;
        encoder = new EncoderModule(encoderArchitecture);
        decoder = new DecoderModule(decoderArchitecture);
        if (words.Values is { } values)
            _given = tensor(values, [words.Count, words.Size]).clone().to(device).DetachFromDisposeScope();
        else
            embedding = nn.Embedding(words.Count, words.Size, padding_idx: 0);
        RegisterComponents();
        foreach (Parameter parameter in encoder.parameters().Concat(decoder.parameters()))
            parameter.uniform_(-InitialBound, InitialBound);
        embedding?.weight!.normal_();
        embedding?.weight![0].zero_();
        this.to(device);
    }

    public EncoderModule Encoder => encoder;

    public DecoderModule Decoder => decoder;

    /// <summary>(U, E): the source's word vectors where they are learned.</summary>
    public Tensor? Vectors => embedding?.weight;

    /// <summary>The vectors of source words; row 0 is never learned.</summary>
    /// <param name="rows">T · B rows of the table.</param>
    /// <param name="sentences">B.</param>
    /// <returns>(T, B, E).</returns>
    public Tensor Embed(Tensor rows, int sentences) =>
        (embedding is null ? _given!.index_select(0, rows) : embedding.forward(rows)).view(-1, sentences, _size);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _given?.Dispose();
        base.Dispose(disposing);
    }
}
