using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>
/// Arithmetic of a tensor with a number. The number's native form lives until the call is over; the operators leave that to chance, since it may be finalized
/// before.
/// </summary>
internal static class ScalarArithmetic
{
    public static Tensor Plus(this Tensor tensor, double number)
    {
        // Without the second number the first is multiplied by one that nothing keeps alive.
        using Scalar scalar = number, one = 1;
        return tensor.add(scalar, one);
    }

    public static Tensor Plus(this Tensor tensor, long number)
    {
        using Scalar scalar = number, one = 1;
        return tensor.add(scalar, one);
    }

    public static Tensor Times(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        return tensor.mul(scalar);
    }

    public static Tensor Over(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        return tensor.div(scalar);
    }
}
