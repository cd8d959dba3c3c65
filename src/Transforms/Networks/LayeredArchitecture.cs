namespace MLNet.Papers.Networks;

/// <summary>A network of layers one after the other; saved with its weights, so that loading rebuilds the same network.</summary>
internal sealed partial record LayeredArchitecture : INetworkArchitecture
{
    private const long MostValues = 1 << 26;

    /// <summary>The image that a row is; a vector is an image of one pixel.</summary>
    public required ImageShape Input { get; init; }

    public required Layer[] Layers { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    ImageShape? INetworkArchitecture.Image => Input is { Height: 1, Width: 1 } ? null : Input;

    [System.Text.Json.Serialization.JsonIgnore]
    public int InputSize => Input.Size;

    [System.Text.Json.Serialization.JsonIgnore]
    public int OutputSize => Output.Size;

    /// <summary>The shape of what the last layer gives.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ImageShape Output => Layers.Aggregate(Input, (shape, layer) => layer.Apply(shape));

    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonIgnore]
    public int PreferredBatchSize
    {
        get
        {
            long largest = Steps().Max(step => step.Layer.Apply(step.Input).Values);
            return (int)Math.Clamp((1 << 22) / largest, 1, 256);
        }
    }

    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonIgnore]
    public long ActivationCount => Steps().Select(step => step.Layer.Apply(step.Input)).Sum(shape => (long)shape.Channels * shape.Height * shape.Width);

    /// <summary>Each layer with the shape that it is given.</summary>
    public IEnumerable<(Layer Layer, ImageShape Input)> Steps()
    {
        ImageShape shape = Input;
        foreach (Layer layer in Layers)
        {
            yield return (layer, shape);
            shape = layer.Apply(shape);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, long[] Shape)> Weights() => Steps().SelectMany((step, index) => step.Layer.Weights(step.Input, $"layers.{index}"));

    /// <inheritdoc/>
    public long WorkingValues()
    {
        // What each layer gives; a maximum with the border and the padding that fused blocks give it.
        long values = (Input.Channels + (2L * CoordinateChannels.Count(withRadius: true))) * (Input.Height + 2L) * (Input.Width + 2L);
        foreach ((Layer layer, ImageShape input) in Steps())
        {
            ImageShape output = layer.Apply(input);
            values += layer.Kind == LayerKind.Maximum ? FusedConvolution.OutputValues(output.Height, output.Width, output.Channels) : output.Values;
            values += FusedPadding(layer, input);
            if (layer.Coordinates)
                values += (input.Channels + (2L * CoordinateChannels.Count(layer.WithRadius))) * input.Height * input.Width;
        }

        int[] dense = [.. Layers.Where(layer => layer.Kind == LayerKind.Dense).Select(layer => layer.Channels)];
        return values + (dense.Length == 0 ? 0 : FusedPerceptron.BufferValues(dense));
    }

    /// <summary>What is wrong with these layers, or null: the check on a saved architecture before anything is allocated for it.</summary>
    public string? FindFault()
    {
        if (Input.Channels < 1 || Input.Height < 1 || Input.Width < 1 || (Int128)Input.Channels * Input.Height * Input.Width > MostValues)
            return $"the input is {Input}";
        if (Layers.Length is < 1 or > 256)
            return $"there are {Layers.Length} layers";
        ImageShape shape = Input;
        foreach (Layer? layer in Layers)
        {
            if (layer is null || !layer.Fits(shape))
                return $"a layer of kind {layer?.Kind} does not fit {shape}";
            // Checked before the shape is used: the products of a hostile file must not overflow.
            if ((long)shape.Height * layer.Stride > MostValues || (long)shape.Width * layer.Stride > MostValues)
                return $"a layer of kind {layer.Kind} makes {shape} too large";
            shape = layer.Apply(shape);
            if ((Int128)shape.Channels * shape.Height * shape.Width > MostValues)
                return $"a layer of kind {layer.Kind} gives {shape.Channels} × {shape.Height} × {shape.Width} values";
        }

        return Weights().Sum(weight => Product(weight.Shape)) > 1L << 31 ? "there are too many weights" : this.FindMemoryFault();
    }

    /// <summary>
    /// What is wrong with a network in which a normalization takes all that there is of an image, to stand after the option's name; null if nothing is. No fault of a saved network,
    /// which scores as it always did.
    /// </summary>
    /// <param name="wayOut">What can be changed instead of the normalization.</param>
    public string? FindLoss(string wayOut)
    {
        (Layer Layer, ImageShape Input)[] steps = [.. Steps()];
        for (int i = 0; i < steps.Length; i++)
        {
            (Layer layer, ImageShape input) = steps[i];
            if (layer is not { Kind: LayerKind.Normalization, Normalization: Normalization.Group or Normalization.Layer or Normalization.Instance })
                continue;
            int groups = layer.Normalization == Normalization.Instance ? input.Channels : layer.Groups;
            long values = (long)input.Channels / groups * input.Height * input.Width;
            // One normalized value is 0. Two are -1 and 1, so that the mean or maximum of a channel does not depend on them either.
            LayerKind next = steps[(i + 1)..].Select(step => step.Layer.Kind).FirstOrDefault(kind => kind != LayerKind.Rectifier);
            bool isPooled = groups == input.Channels && next is LayerKind.GlobalMean or LayerKind.GlobalMaximum;
            if (values == 1 || (values == 2 && isPooled))
            {
                return $"must leave something of an image, but {layer.Normalization} normalizes {input} values in {groups} groups of {values}{(values > 1 ? ", whose mean is taken" : "")}: " +
                    $"they are the same for every image. Take {wayOut} or Normalization.Batch.";
            }
        }

        return null;
    }

    // What kernels add to the weights, whose outputs they pad.
    private static long FusedPadding(Layer layer, ImageShape input) => layer.Kind switch
    {
        LayerKind.Dense => FusedDense.PaddingValues(input.Values, layer.Channels),
        LayerKind.Convolution when layer.KernelSize == ConvolutionModule.KernelSize => FusedConvolution.PaddingValues(input.Channels, layer.Channels),
        _ => 0,
    };

    private static long Product(long[] shape) => shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
}
