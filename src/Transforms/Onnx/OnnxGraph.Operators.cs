using MLNet.Papers.Networks;

namespace MLNet.Papers.Onnx;

/// <summary>The operators that networks are made of.</summary>
internal sealed partial class OnnxGraph
{
    public OnnxValue Add(OnnxValue left, OnnxValue right) => Node("Add", [left, right]);

    public OnnxValue Subtract(OnnxValue left, OnnxValue right) => Node("Sub", [left, right]);

    public OnnxValue Multiply(OnnxValue left, OnnxValue right) => Node("Mul", [left, right]);

    public OnnxValue Divide(OnnxValue left, OnnxValue right) => Node("Div", [left, right]);

    public OnnxValue Maximum(OnnxValue left, OnnxValue right) => Node("Max", [left, right]);

    public OnnxValue MatrixProduct(OnnxValue left, OnnxValue right) => Node("MatMul", [left, right]);

    public OnnxValue Rectifier(OnnxValue input) => Node("Relu", [input]);

    public OnnxValue Sigmoid(OnnxValue input) => Node("Sigmoid", [input]);

    public OnnxValue Tanh(OnnxValue input) => Node("Tanh", [input]);

    /// <summary>The softmax over the last axis.</summary>
    public OnnxValue Softmax(OnnxValue input) => Node("Softmax", [input], ("axis", -1L));

    /// <summary>The nearest values between -bound and bound; 0 for no bound.</summary>
    public OnnxValue Clip(OnnxValue input, double bound) => bound > 0 ? Node("Clip", [input, Number(-(float)bound), Number((float)bound)]) : input;

    /// <summary>A linear layer, (B, I) to (B, U).</summary>
    /// <param name="input">(B, I).</param>
    /// <param name="weight">(U, I).</param>
    /// <param name="bias">(U).</param>
    public OnnxValue Linear(OnnxValue input, OnnxValue weight, OnnxValue bias) => Node("Gemm", [input, weight, bias], ("transB", 1L));

    /// <summary>(B, ...) to (B, all the rest).</summary>
    public OnnxValue Flatten(OnnxValue input) => Node("Flatten", [input], ("axis", 1L));

    /// <summary>Another shape; 0 keeps the length of that axis, and one length may be -1 for what is left.</summary>
    public OnnxValue Reshape(OnnxValue input, params long[] shape) => Node("Reshape", [input, Integers(shape)]);

    /// <summary>Another shape, part of which is only known in use.</summary>
    public OnnxValue Reshape(OnnxValue input, OnnxValue shape) => Node("Reshape", [input, shape]);

    public OnnxValue Transpose(OnnxValue input, params long[] axes) => Node("Transpose", [input], ("perm", axes));

    public OnnxValue Concatenate(long axis, params OnnxValue[] values) => values.Length == 1 ? values[0] : Node("Concat", values, ("axis", axis));

    /// <summary>New axes of length 1.</summary>
    public OnnxValue Unsqueeze(OnnxValue input, params long[] axes) => Node("Unsqueeze", [input], ("axes", axes));

    /// <summary>Without axes of length 1.</summary>
    public OnnxValue Squeeze(OnnxValue input, params long[] axes) => Node("Squeeze", [input], ("axes", axes));

    /// <summary>The length of an axis, as one whole number with an axis of its own.</summary>
    public OnnxValue Length(OnnxValue input, long axis) => Slice(Node("Shape", [input]), axis: 0, start: axis, end: axis + 1);

    /// <summary>Repeats axes of length 1.</summary>
    public OnnxValue Expand(OnnxValue input, OnnxValue shape) => Node("Expand", [input, shape]);

    /// <summary>The parts of an axis from a place to another.</summary>
    public OnnxValue Slice(OnnxValue input, long axis, long start, long end = long.MaxValue) =>
        Node("Slice", [input, Integers(start), Integers(end), Integers(axis)]);

    public OnnxValue Convert(OnnxValue input, OnnxType type) => Node("Cast", [input], ("to", (long)type));

    /// <summary>The sum over an axis.</summary>
    public OnnxValue Sum(OnnxValue input, long axis, bool keepsAxis = false) =>
        Node("ReduceSum", [input], ("axes", new[] { axis }), ("keepdims", keepsAxis ? 1L : 0));

    /// <summary>The mean over an axis.</summary>
    public OnnxValue Mean(OnnxValue input, long axis) => Node("ReduceMean", [input], ("axes", new[] { axis }), ("keepdims", 0L));

    /// <summary>The greatest value of an axis.</summary>
    public OnnxValue Greatest(OnnxValue input, long axis, bool keepsAxis = false) =>
        Node("ReduceMax", [input], ("axes", new[] { axis }), ("keepdims", keepsAxis ? 1L : 0));

    /// <summary>The key of the greatest value of the last axis, from 1, UInt32; 0, which is a missing key, where the values are NaN.</summary>
    /// <param name="scores">(…, N).</param>
    /// <param name="axis">The last axis.</param>
    /// <returns>(…, 1).</returns>
    public OnnxValue KeyOfGreatest(OnnxValue scores, long axis = 1)
    {
        OnnxValue key = Add(Node("ArgMax", [scores], ("axis", axis), ("keepdims", 1L)), Integers(1));
        return Convert(Node("Where", [Node("IsNaN", [Slice(scores, axis, start: 0, end: 1)]), Integers(0), key]), OnnxType.UInt32);
    }

    /// <summary>Whether numbers are above 0.</summary>
    public OnnxValue IsPositive(OnnxValue input) => Node("Greater", [input, Number(0)]);

    /// <summary>0 for each row whose numbers are finite, and NaN for the others.</summary>
    /// <param name="rows">(B, D).</param>
    /// <returns>(B, 1), to be added to what is made of the rows.</returns>
    public OnnxValue NotFinite(OnnxValue rows) => Sum(Multiply(rows, Number(0)), 1, keepsAxis: true);

    /// <summary>A convolution with zeros around the image.</summary>
    /// <param name="images">(B, C, H, W).</param>
    /// <param name="weight">(F, C, k, k).</param>
    /// <param name="bias">(F).</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="padding">Zeros on each side.</param>
    public OnnxValue Convolution(OnnxValue images, OnnxValue weight, OnnxValue bias, long stride, long padding) =>
        Node("Conv", [images, weight, bias], ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }));

    /// <summary>A transposed convolution.</summary>
    /// <param name="images">(B, C, H, W).</param>
    /// <param name="weight">(C, F, k, k).</param>
    /// <param name="bias">(F).</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="padding">What each side loses.</param>
    /// <param name="extra">What is added at the bottom and the right.</param>
    public OnnxValue Deconvolution(OnnxValue images, OnnxValue weight, OnnxValue bias, long stride, long padding, long extra) => Node(
        "ConvTranspose", [images, weight, bias],
        ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }), ("output_padding", new[] { extra, extra }));

    /// <summary>The maximum over 2 × 2 pixels.</summary>
    public OnnxValue MaximumPooling(OnnxValue images) => Node("MaxPool", [images], ("kernel_shape", new[] { 2L, 2 }), ("strides", new[] { 2L, 2 }));

    /// <summary>Images with the coordinates of their pixels behind their channels.</summary>
    /// <param name="images">(B, C, H, W).</param>
    /// <param name="shape">C, H and W.</param>
    /// <param name="withRadius">Whether the radius is a third coordinate.</param>
    public OnnxValue WithCoordinates(OnnxValue images, ImageShape shape, bool withRadius)
    {
        (_, int height, int width) = shape;
        long count = CoordinateChannels.Count(withRadius);
        OnnxValue coordinates = Weight("coordinates", [1, count, height, width], () => CoordinateChannels.Of(height, width, withRadius));
        return Concatenate(1, images, Expand(coordinates, Concatenate(0, Length(images, 0), Integers(count, height, width))));
    }
}
