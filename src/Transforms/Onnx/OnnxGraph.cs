using MLNet.Papers.Networks;

namespace MLNet.Papers.Onnx;

/// <summary>A computation in the operators of ONNX, in the order in which they are added.</summary>
/// <remarks>
/// The names of the format and the meaning of its operators are those of the ONNX specification, operator set <see cref="OnnxFile.OperatorSet"/>. Only what the
/// caller sees has names of the caller's choice.
/// </remarks>
internal sealed partial class OnnxGraph
{
    /// <summary>The name of the axis of rows.</summary>
    public const string Batch = "batch";

    /// <summary>The name of the axis of tokens.</summary>
    public const string Time = "time";

    private readonly OnnxGraph? _outer;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<OnnxPort> _inputs = [];
    private readonly List<OnnxPort> _outputs = [];
    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxTensor> _constants = [];

    public OnnxGraph()
    {
    }

    private OnnxGraph(OnnxGraph outer) => _outer = outer;

    public IReadOnlyList<OnnxPort> Inputs => _inputs;

    public IReadOnlyList<OnnxPort> Outputs => _outputs;

    public IReadOnlyList<OnnxNode> Nodes => _nodes;

    public IReadOnlyList<OnnxTensor> Constants => _constants;

    private OnnxGraph Root => _outer?.Root ?? this;

    /// <summary>Adds an input. Inputs come before everything else, so that their names are free.</summary>
    public OnnxValue Input(string name, OnnxType type, params OnnxDimension[] shape)
    {
        if (!Root._names.Add(name))
            throw new InvalidOperationException($"A graph cannot have two inputs '{name}'.");
        _inputs.Add(new(name, type, shape));
        return new OnnxValue(name);
    }

    /// <summary>Adds an output of Single.</summary>
    public void Output(string column, OnnxValue value, params OnnxDimension[] shape) => Output(column, OnnxType.Single, value, shape);

    /// <summary>Adds an output. Where an input has the name of its column, which a graph does not allow, it is called by that name and ".output".</summary>
    public void Output(string column, OnnxType type, OnnxValue value, params OnnxDimension[] shape)
    {
        string name = _inputs.Any(input => input.Name == column) ? $"{column}.output" : column;
        if (!Root._names.Add(name))
            throw new InvalidOperationException($"A graph cannot have two values '{name}'.");
        _nodes.Add(new("Identity", [value.Name], [name], []));
        _outputs.Add(new(name, type, shape, column));
    }

    /// <summary>Adds a constant of Single.</summary>
    /// <param name="name">What it is; a number is put behind it where the name is taken.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">Gives its numbers when they are written.</param>
    public OnnxValue Weight(string name, long[] shape, Func<float[]> values) => Add(new OnnxTensor<float>(Root.Free(name), OnnxType.Single, shape, values));

    /// <summary>The weights of a network by their names, each of which is added when it is first asked for.</summary>
    /// <param name="shapes">The names and shapes.</param>
    /// <param name="weights">The numbers.</param>
    public Func<string, OnnxValue> Weights(IEnumerable<(string Name, long[] Shape)> shapes, NetworkWeights weights)
    {
        Dictionary<string, long[]> known = shapes.ToDictionary(weight => weight.Name, weight => weight.Shape);
        Dictionary<string, OnnxValue> added = [];
        return name =>
        {
            if (!added.TryGetValue(name, out OnnxValue? value))
                added[name] = value = Weight(name, known[name], () => weights[name]);
            return value;
        };
    }

    /// <summary>Adds a single number.</summary>
    public OnnxValue Number(float value) => Weight("number", [], () => [value]);

    /// <summary>Adds some whole numbers, as one axis.</summary>
    public OnnxValue Integers(params long[] values) => Integers([values.Length], values);

    /// <summary>Adds whole numbers of a shape.</summary>
    public OnnxValue Integers(long[] shape, long[] values) => Add(new OnnxTensor<long>(Root.Free("integers"), OnnxType.Int64, shape, () => values));

    /// <summary>Adds an operator with one result.</summary>
    public OnnxValue Node(string name, OnnxValue?[] inputs, params (string Name, object Value)[] attributes) => NodeResults(name, 1, inputs, attributes)[0];

    /// <summary>Adds an operator with several results.</summary>
    public OnnxValue[] NodeResults(string name, int outputs, OnnxValue?[] inputs, params (string Name, object Value)[] attributes)
    {
        OnnxValue[] results = [.. Enumerable.Range(0, outputs).Select(_ => new OnnxValue(Root.Free(name)))];
        _nodes.Add(new(name, [.. inputs.Select(input => input?.Name ?? "")], [.. results.Select(result => result.Name)], attributes));
        return results;
    }

    /// <summary>
    /// Runs a computation for each step of a sequence: Scan. What the computation uses of this graph stays the same in all steps.
    /// </summary>
    /// <param name="states">What is handed from step to step, as it is before the first one.</param>
    /// <param name="shapes">The shapes of the states, which a runtime cannot infer.</param>
    /// <param name="sequence">What is read step by step.</param>
    /// <param name="axis">The axis of its steps.</param>
    /// <param name="step">Given the states and the part of the sequence, gives the states after the step.</param>
    /// <returns>The first state after each step, along the same axis.</returns>
    public OnnxValue Scan(
        OnnxValue[] states, OnnxDimension[][] shapes, OnnxValue sequence, long axis, Func<OnnxGraph, OnnxValue[], OnnxValue, OnnxValue[]> step)
    {
        var body = new OnnxGraph(this);
        OnnxValue[] before = [.. states.Select(_ => body.Unshaped("state"))];
        OnnxValue[] after = step(body, before, body.Unshaped("step"));
        foreach ((OnnxValue result, OnnxDimension[] shape) in after.Append(after[0]).Zip(shapes.Append(shapes[0])))
            body._outputs.Add(new(body.Node("Identity", [result]).Name, OnnxType.Single, shape));
        return NodeResults("Scan", states.Length + 1, [.. states, sequence],
            ("body", body), ("num_scan_inputs", 1L), ("scan_input_axes", new[] { axis }), ("scan_output_axes", new[] { axis }))[^1];
    }

    private OnnxValue Unshaped(string name)
    {
        var value = new OnnxValue(Root.Free(name));
        _inputs.Add(new(value.Name, OnnxType.Single, null));
        return value;
    }

    private OnnxValue Add(OnnxTensor constant)
    {
        Root._constants.Add(constant);
        return new OnnxValue(constant.Name);
    }

    // The slash keeps these names and those of columns apart.
    private string Free(string name)
    {
        string free = $"/{name}";
        for (int number = 1; !_names.Add(free); number++)
            free = FormattableString.Invariant($"/{name}/{number}");
        return free;
    }
}
