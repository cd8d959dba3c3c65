namespace MLNet.Papers;

/// <summary>How a BERT computes its activation, x times the normal distribution's probability of what is below x.</summary>
public enum BertGelu
{
    /// <summary>By the error function: what published encoders were trained with in Hugging Face's code.</summary>
    Erf,

    /// <summary>By a hyperbolic tangent, which differs by up to 0.0005: Google's code.</summary>
    Tanh,
}
