using MLNet.Papers.Bert;

namespace MLNet.Papers;

/// <summary>Options of <see cref="BertAnswerEstimator"/>.</summary>
/// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805, sections 4.2 and 4.3 and appendix A.3.</remarks>
public sealed class BertAnswerOptions : BertFineTuningOptions
{
    /// <summary>The column of the answers to learn from: texts, each as it stands in its context; empty where the context has none.</summary>
    [NotBlank]
    public string AnswerColumnName { get; set; } = "Answer";

    /// <summary>
    /// The column that says where each answer begins in its context: Int32, in UTF-16 units from 0. It does not matter where there is no answer.
    /// </summary>
    [NotBlank]
    public string AnswerStartColumnName { get; set; } = "AnswerStart";

    /// <summary>The most pieces of a question that are read. At least 1; half of what a row may have is left to the context in any case.</summary>
    [AtLeast(1)]
    public int MaxQuestionLength { get; set; } = 64;

    /// <summary>
    /// Pieces from one window of a long context to the next. At least 1; windows overlap by half of their pieces in any case.
    /// </summary>
    [AtLeast(1)]
    public int WindowStride { get; set; } = 128;

    /// <summary>The most pieces of an answer that is given. At least 1.</summary>
    [AtLeast(1)]
    public int MaxAnswerLength { get; set; } = 30;

    /// <summary>How long questions and contexts are cut.</summary>
    internal AnswerWindows Windows => new(MaxQuestionLength, WindowStride, MaxAnswerLength);
}
