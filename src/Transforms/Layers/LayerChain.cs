using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A layer of a chain.</summary>
/// <param name="Name">What the names of its weights begin with.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Input">The shape that it is given.</param>
internal sealed record LayerStep(string Name, Layer Layer, ImageShape Input)
{
    public ImageShape Output => Layer.Apply(Input);

    /// <summary>The layer's weights with their names in the chain.</summary>
    public IEnumerable<LayerWeight> Weights() => Layer.Weights(Input).Select(weight => weight with { Name = $"{Name}.{weight.Name}" });

    /// <summary>Finds the layer's weights among those of the chain.</summary>
    public WeightOf<T> Own<T>(WeightOf<T> weight) => name => weight($"{Name}.{name}");
}

/// <summary>Layers one after the other: what a network is. Its forms in torch, in a graph and in the CPU's kernels all come from here.</summary>
/// <param name="Input">The shape that the first layer is given.</param>
/// <param name="Layers">The layers and their names, each of which is different.</param>
internal sealed record LayerChain(ImageShape Input, IReadOnlyList<(string Name, Layer Layer)> Layers)
{
    /// <summary>How the weights begin.</summary>
    public Initialization Initialization { get; init; }

    public ImageShape Output => Layers.Aggregate(Input, (shape, part) => part.Layer.Apply(shape));

    public IEnumerable<LayerStep> Steps()
    {
        ImageShape shape = Input;
        foreach ((string name, Layer layer) in Layers)
        {
            yield return new(name, layer, shape);
            shape = layer.Apply(shape);
        }
    }

    /// <summary>Weights and constants, in the order of the layers.</summary>
    public IEnumerable<LayerWeight> AllWeights() => Steps().SelectMany(step => step.Weights());

    /// <summary>Computes the chain.</summary>
    /// <param name="x">Rows (B, D) or images (B, C, H, W).</param>
    /// <param name="weight">The weights by their names.</param>
    /// <param name="pass">What for.</param>
    /// <param name="form">Which of the two are given and wanted.</param>
    public Tensor Forward(Tensor x, WeightOf<Tensor> weight, Pass pass, LayerForm form = LayerForm.Rows)
    {
        bool isOwn = false;
        return Walk(x, form, (rows, shape) => ChannelsLast.Of(rows.view(-1, shape.Channels, shape.Height, shape.Width)), images => images.flatten(1), Compute);

        Tensor Compute(Tensor value, LayerStep step)
        {
            WeightOf<Tensor> own = step.Own(weight);
            Tensor result = isOwn ? step.Layer.Overwrite(value, step.Input, own, pass) : step.Layer.Forward(value, step.Input, own, pass);
            isOwn = step.Layer.OwnsOutput;
            return result;
        }
    }

    /// <summary>Adds the chain to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">Rows (B, D) or images (B, C, H, W).</param>
    /// <param name="weight">The weights by their names.</param>
    /// <param name="form">Which of the two are given and wanted.</param>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, WeightOf<OnnxValue> weight, LayerForm form = LayerForm.Rows) => Walk(
        x, form, (rows, shape) => graph.Reshape(rows, 0, shape.Channels, shape.Height, shape.Width), graph.Flatten,
        (value, step) => step.Layer.ToOnnx(graph, value, step.Input, step.Own(weight)));

    /// <summary>The kernels that compute the chain on a CPU.</summary>
    /// <param name="weight">The weights by their names, asked for when the kernels are built.</param>
    public FusedPlan Plan(WeightOf<float[]> weight)
    {
        var plan = new FusedPlan(Input.Values);
        foreach (LayerStep step in Steps())
            step.Layer.Join(plan, step.Input, step.Own(weight));
        return plan;
    }

    /// <summary>What is wrong with these layers, or null: the check on a saved chain before anything is allocated for it.</summary>
    /// <param name="mostValues">The most values of what a layer is given or gives.</param>
    public string? FindFault(long mostValues)
    {
        if (Input.Channels < 1 || Input.Height < 1 || Input.Width < 1 || (Int128)Input.Channels * Input.Height * Input.Width > mostValues)
            return $"the input is {Input}";
        if (Layers.Count is < 1 or > 256)
            return $"there are {Layers.Count} layers";
        ImageShape shape = Input;
        foreach ((string name, Layer? layer) in Layers)
        {
            // Checked before the shape is used: the products of a hostile file must not overflow.
            if (layer is null || !layer.Fits(shape))
                return $"'{name}', a {layer?.GetType().Name}, does not fit {shape}";
            shape = layer.Apply(shape);
            if ((Int128)shape.Channels * shape.Height * shape.Width > mostValues)
                return $"'{name}', a {layer.GetType().Name}, gives {shape} values";
        }

        return null;
    }

    // What is rows and what is images differs from layer to layer; each is made of the other where a layer asks for it.
    private T Walk<T>(T x, LayerForm form, Func<T, ImageShape, T> toImages, Func<T, T> toRows, Func<T, LayerStep, T> compute)
    {
        LayerForm current = form;
        ImageShape shape = Input;
        foreach (LayerStep step in Steps())
        {
            Become(step.Layer.Form);
            x = compute(x, step);
            shape = step.Output;
        }

        Become(form);
        return x;

        void Become(LayerForm wanted)
        {
            if (wanted == LayerForm.Any || wanted == current)
                return;
            x = wanted == LayerForm.Rows ? toRows(x) : toImages(x, shape);
            current = wanted;
        }
    }
}
