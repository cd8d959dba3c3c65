namespace MLNet.Papers;

/// <summary>What the scores of a teacher are.</summary>
public enum TeacherScores
{
    /// <summary>Class probabilities: at least 0, and 1 in all up to 0.001.</summary>
    Probabilities,

    /// <summary>Logits: any finite numbers, whose softmax is the class probabilities.</summary>
    Logits,
}
