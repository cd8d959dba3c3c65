namespace MLNet.Papers;

/// <summary>How the activations of a convolution are normalized before its rectifier.</summary>
/// <remarks>
/// All but <see cref="None"/> subtract a mean, divide by a standard deviation and then scale and shift each channel by learnt numbers. They differ in what the
/// mean and the deviation are taken over.
/// </remarks>
public enum Normalization
{
    /// <summary>
    /// Over a channel in all images of a batch; in use the averages seen in training (Ioffe and Szegedy 2015, arXiv:1502.03167). Needs batches that are not
    /// small.
    /// </summary>
    Batch,

    /// <summary>
    /// Over a group of neighbouring channels of one image: the same function in training and in use, for every batch size (Wu and He 2018, arXiv:1803.08494).
    /// </summary>
    Group,

    /// <summary>Over all channels of one image: one group (Ba, Kiros and Hinton 2016, arXiv:1607.06450).</summary>
    Layer,

    /// <summary>Over each channel of one image: a group for every channel (Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022).</summary>
    Instance,

    /// <summary>None at all.</summary>
    None,
}
