using System.Numerics.Tensors;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.CoVe;

/// <summary>Encoder and decoder with the table of the source's words, as they are trained together.</summary>
internal sealed class TranslationModule : nn.Module
{
    private const double InitialBound = 0.1;

    // Held, since nothing else keeps a number alive while libtorch reads it.
    private static readonly Scalar NoWord = 0;

    private readonly RecurrentStack _stack;

    [ComponentName(Name = "encoder")]
    private readonly WeightModule _encoder;

    [ComponentName(Name = "decoder")]
    private readonly WeightModule _decoder;

    [ComponentName(Name = "vectors")]
    private readonly Parameter? _vectors;

    private readonly Tensor? _given;
    private readonly int _size;
    private readonly double _scale;

    /// <summary>Makes the network on a device, every weight drawn evenly from -0.1 to 0.1 (section 3), from torch's process-wide generator.</summary>
    /// <remarks>
    /// An encoder of small inputs says nothing for long, and the published vectors are large ones. So it reads the source's vectors multiplied by a number:
    /// those that are learned are drawn from N(0, s²/E), where s is the option InitialVectorScale, and multiplied by the root of E, given ones by what makes
    /// their mean square 1. <see cref="End"/> takes the number out again.
    /// </remarks>
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
        _stack = encoderArchitecture.Stack();
        _encoder = new WeightModule(_stack.AllWeights());
        _decoder = new WeightModule(decoderArchitecture.AllWeights());
        Decoder = new Decoder(decoderArchitecture, _decoder.Of);
        if (words.Values is { } values)
        {
            _scale = Math.Sqrt((double)words.Words.Count * words.Size / TensorPrimitives.SumOfSquares<float>(values));
            _given = tensor(values, [words.Count, words.Size]).Times(_scale).to(device).DetachFromDisposeScope();
        }
        else
        {
            _scale = Math.Sqrt(words.Size);
            _vectors = new Parameter(zeros(words.Count, words.Size).normal_(0, words.InitialScale / _scale).DetachFromDisposeScope());
        }

        RegisterComponents();
        foreach (Parameter parameter in _encoder.parameters().Concat(_decoder.parameters()))
            parameter.uniform_(-InitialBound, InitialBound);
        _vectors?[0].zero_();
        this.to(device);
    }

    /// <summary>The encoder's weights.</summary>
    public WeightModule EncoderWeights => _encoder;

    /// <summary>The decoder's weights.</summary>
    public WeightModule DecoderWeights => _decoder;

    public Decoder Decoder { get; }

    /// <summary>(U, E): the source's word vectors where they are learned, before they are multiplied.</summary>
    public Tensor? Vectors => _vectors;

    /// <summary>The vectors of source words as the encoder reads them; row 0 is never learned.</summary>
    /// <param name="rows">T · B rows of the table.</param>
    /// <param name="sentences">B.</param>
    /// <returns>(T, B, E).</returns>
    public Tensor Embed(Tensor rows, int sentences)
    {
        Tensor embedded = _vectors is null
            ? _given!.index_select(0, rows)
            : _vectors.index_select(0, rows).mul(rows.ne(NoWord).unsqueeze(1)).Times(_scale);
        return embedded.view(-1, sentences, _size);
    }

    /// <summary>Reads sentences.</summary>
    /// <param name="vectors">(T, B, E): the vectors of words.</param>
    /// <param name="batch">How the sentences stand in them.</param>
    /// <param name="dropout">What is dropped of each layer's input.</param>
    /// <returns>
    /// What the top layer says, (T, B, 2H), forward and backward, and the states of each layer after a sentence's last step, (1, B, 2H) each.
    /// </returns>
    public (Tensor Top, RecurrentState[] Final) Read(Tensor vectors, RightAlignedBatch batch, DropoutNoise dropout = default)
    {
        (Tensor[] outputs, RecurrentState[] states) = _stack.Run(vectors, _encoder.Of, null, batch.Kept, batch.Reverse, dropout);
        return (outputs[^1], [.. states.Select(state => new RecurrentState(Joined(state.Hidden), Joined(state.Cell)))]);

        // (2, B, H) -> (1, B, 2H)
        static Tensor Joined(Tensor directions) => directions.permute(1, 0, 2).flatten(1).unsqueeze(0);
    }

    /// <summary>Makes the encoder one of the vectors as they are saved. Nothing may be trained after this.</summary>
    /// <returns>(U, E): the learned vectors; null where they were given.</returns>
    public float[]? End()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        if (_vectors is null)
        {
            using Scalar scale = _scale;
            _encoder.Of("layers.0.input").mul_(scale);
            return null;
        }

        return _vectors.Times(_scale).cpu().contiguous().data<float>().ToArray();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _given?.Dispose();
        base.Dispose(disposing);
    }
}
