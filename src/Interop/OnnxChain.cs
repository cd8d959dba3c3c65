using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace MLNet.Papers.Interop;

/// <summary>The ONNX model that ML.NET's converter makes of a chain, which each of its steps adds itself to.</summary>
internal sealed class OnnxChain(OnnxContext context)
{
    private const string StandardDomain = "";

    /// <summary>Checks that the model may have the operators of a version.</summary>
    /// <param name="version">The version of the operators.</param>
    /// <param name="step">What needs it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The user asked for an older one.</exception>
    public void RequireOperatorSet(int version, string step) => context.CheckOpSetVersion(version, step);

    /// <summary>The name that the values of a column have in the model, or null if it does not have them.</summary>
    public string? Find(string column) => context.ContainsColumn(column) ? context.GetVariableName(column) : null;

    /// <summary>The name for the values of a column that a step adds.</summary>
    public string Column(string name, DataViewType type) => context.AddIntermediateVariable(type, name);

    /// <summary>Adds an operator that gives each of some values a number, and 0 to all others; of the machine learning domain of the format.</summary>
    /// <param name="kind">The values: keys_strings, keys_floats or keys_int64s.</param>
    /// <param name="values">String, Single or Int64.</param>
    /// <param name="numbers">Their numbers.</param>
    /// <param name="input">The name of what it reads.</param>
    /// <param name="output">The name of what it gives, Int64.</param>
    public void Encode(string kind, Array values, long[] numbers, string input, string output)
    {
        OnnxNode node = context.CreateNode("LabelEncoder", [input], [output], context.GetNodeName("LabelEncoder"), "ai.onnx.ml");
        switch (values)
        {
            case string[] texts:
                node.AddAttribute(kind, texts);
                break;
            case float[] floats:
                node.AddAttribute(kind, floats);
                break;
            default:
                node.AddAttribute(kind, (long[])values);
                break;
        }

        node.AddAttribute("values_int64s", numbers);
        node.AddAttribute("default_int64", 0L);
    }

    /// <summary>A free name for values within a step.</summary>
    /// <param name="name">What they are.</param>
    public string Value(string name) => context.AddIntermediateVariable(null, name, skip: true);

    /// <summary>Adds constant numbers.</summary>
    /// <param name="name">What they are.</param>
    /// <param name="shape">Their shape; without axes for a number alone.</param>
    /// <param name="values">Single or Int64.</param>
    /// <returns>Their name.</returns>
    public string Constant(string name, long[] shape, Array values) => values switch
    {
        float[] numbers => shape.Length == 0 ? context.AddInitializer(numbers[0], name) : context.AddInitializer(numbers, shape, name),
        long[] numbers => shape.Length == 0 ? context.AddInitializer(numbers[0], name) : context.AddInitializer(numbers, shape, name),
        _ => throw new ArgumentException($"A constant cannot be {values.GetType()}.", nameof(values)),
    };

    /// <summary>Adds an operator.</summary>
    /// <param name="name">Its name in the format.</param>
    /// <param name="inputs">The names of what it reads.</param>
    /// <param name="outputs">The names of what it gives.</param>
    /// <param name="attributes">Its settings: Single, Int64, String, or arrays of Int64. The converter knows no graphs within operators.</param>
    public void Operator(string name, string[] inputs, string[] outputs, IEnumerable<(string Name, object Value)> attributes)
    {
        OnnxNode node = context.CreateNode(name, inputs, outputs, context.GetNodeName(name), StandardDomain);
        foreach ((string attribute, object value) in attributes)
        {
            switch (value)
            {
                case float number:
                    node.AddAttribute(attribute, (double)number);
                    break;
                case long number:
                    node.AddAttribute(attribute, number);
                    break;
                case string text:
                    node.AddAttribute(attribute, text);
                    break;
                case long[] numbers:
                    node.AddAttribute(attribute, (IEnumerable<long>)numbers);
                    break;
                default:
                    throw new ArgumentException($"An attribute cannot be {value.GetType()}.", nameof(attributes));
            }
        }
    }
}
