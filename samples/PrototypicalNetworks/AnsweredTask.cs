using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>A classification task with a model's answers.</summary>
/// <param name="Support">The images that the model was given to learn the classes from.</param>
/// <param name="Answers">The images it was asked about, each with the class it named.</param>
internal sealed record AnsweredTask(IReadOnlyList<CharacterImage> Support, IReadOnlyList<(CharacterImage Query, string Predicted)> Answers)
{
    /// <summary>How many classes there are to choose from.</summary>
    public int Ways => Support.Select(image => image.Character).Distinct().Count();

    /// <summary>How many answers are right.</summary>
    public int Right => Answers.Count(answer => answer.Predicted == answer.Query.Character);

    /// <summary>The part of the answers that are wrong, in percent.</summary>
    public double ErrorPercent => 100.0 * (Answers.Count - Right) / Answers.Count;
}
