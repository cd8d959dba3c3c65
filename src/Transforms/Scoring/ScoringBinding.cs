using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Scoring;

/// <summary>A transformer bound to an input schema: which columns come out, and what each of them needs.</summary>
internal sealed class ScoringBinding
{
    private readonly int _outputs;
    private readonly NamedClasses? _label;

    public ScoringBinding(ScoringTransformer transformer, DataViewSchema inputSchema, IReadOnlyList<OutputColumn> outputs)
    {
        Transformer = transformer;
        InputSchema = inputSchema;
        _outputs = outputs.Count;
        _label = transformer.NamedClasses?.FindLabel(inputSchema) is null ? null : transformer.NamedClasses;
        if (_label is not null)
            outputs = [.. outputs, _label.Output()];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (OutputColumn output in outputs)
            builder.AddColumn(output.Name, output.Type, output.Annotations);
        OutputSchema = builder.ToSchema();
    }

    public ScoringTransformer Transformer { get; }

    public DataViewSchema InputSchema { get; }

    /// <summary>The columns of the input, in their places, after them the transformer's own, and then the label if it is given anew.</summary>
    public DataViewSchema OutputSchema { get; }

    /// <summary>Adds the label, if it is given anew, to an ONNX model of a chain.</summary>
    public void AddLabelTo(OnnxChain chain) => _label?.AddTo(chain, InputSchema, OutputSchema);

    /// <summary>For each column of <see cref="OutputSchema"/>, whether it is among <paramref name="columns"/>.</summary>
    public bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[OutputSchema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            if (column.Index >= active.Length || OutputSchema[column.Index].Name != column.Name)
                throw new ArgumentException($"Column '{column.Name}' is not one of this view.", nameof(columns));
            active[column.Index] = true;
        }

        return active;
    }

    /// <summary>The part of <paramref name="active"/> that speaks of the transformer's own columns.</summary>
    public bool[] ActiveOutputs(bool[] active) => active[InputSchema.Count..];

    /// <summary>The columns of the input that are needed to deliver the active ones.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(bool[] active)
    {
        ReadOnlySpan<bool> outputs = active.AsSpan(InputSchema.Count);
        IReadOnlyList<string> inputs = outputs[.._outputs].Contains(true) ? Transformer.InputColumnNames : [];
        HashSet<int> needed = [.. inputs.Select(name => InputSchema[name].Index)];
        if (outputs[_outputs..].Contains(true))
            needed.Add(InputSchema[_label!.LabelColumnName!].Index);
        return InputSchema.Where(column => active[column.Index] || needed.Contains(column.Index));
    }

    /// <summary>What a cursor needs that scores up to <paramref name="capacity"/> rows at once.</summary>
    /// <param name="input">The row whose input columns are active.</param>
    /// <param name="active">For each of the transformer's own columns, whether its values are wanted; at least one is.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    public ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        bool[] outputs = active[.._outputs];
        ScoringSession? scoring = outputs.Contains(true) ? Transformer.CreateSession(input, outputs, capacity) : null;
        return active.Length > _outputs && active[^1] ? new LabelledSession(scoring, _outputs, _label!.CreateReader(input), capacity) : scoring!;
    }

    /// <summary>Whether a column of <see cref="OutputSchema"/> comes from the input.</summary>
    public bool IsInput(DataViewSchema.Column column) => column.Index < InputSchema.Count;

    /// <summary>The index of a column among the transformer's own.</summary>
    public int OutputIndex(DataViewSchema.Column column) => column.Index - InputSchema.Count;

    /// <summary>Casts a getter to the type that the caller asked for.</summary>
    /// <exception cref="InvalidOperationException">The column has values of another type.</exception>
    public static ValueGetter<TValue> Cast<TValue>(Delegate getter, DataViewSchema.Column column) =>
        getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' is {column.Type}: its getter gives {NameOf(column.Type.RawType)}, but was asked for {NameOf(typeof(TValue))}.");

    /// <summary>The error for a getter of a column that was not asked for when the row was made.</summary>
    public static InvalidOperationException Inactive(DataViewSchema.Column column) =>
        new($"Column '{column.Name}' is not active in this row. Name it where the cursor or the row is asked for.");

    // As it is written in a program.
    private static string NameOf(Type type) =>
        type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : type.Name;
}
