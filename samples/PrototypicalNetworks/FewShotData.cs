using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>The images of a run: those to train on, and those of characters that training never sees.</summary>
/// <param name="Training">Images of the characters to train on.</param>
/// <param name="Unseen">Images of other characters, where possible of other alphabets; empty if all are trained on.</param>
/// <param name="Description">Where they come from, for the user.</param>
internal sealed record FewShotData(IReadOnlyList<CharacterImage> Training, IReadOnlyList<CharacterImage> Unseen, string Description)
{
    /// <summary>Images of a class that a five-shot episode with five queries takes.</summary>
    public const int ImagesPerClass = 10;

    private const int TrainingAlphabets = 36;
    private const int UnseenAlphabets = 10;
    private const int Writers = 10;
    private const int FewestClasses = 5;

    /// <summary>The most ways that an evaluation uses: so many classes are held out where there are enough.</summary>
    private const int EvaluationWays = 20;

    /// <summary>Alphabets drawn from random strokes.</summary>
    public static FewShotData Draw(int seed)
    {
        IReadOnlyList<CharacterImage> images = DrawnAlphabets.Draw(TrainingAlphabets + UnseenAlphabets, Writers, seed);
        HashSet<string> training = [.. images.Select(image => image.Alphabet).Distinct().Take(TrainingAlphabets)];
        return Split(images, image => training.Contains(image.Alphabet), $"{TrainingAlphabets} drawn alphabets; {UnseenAlphabets} others held out");
    }

    /// <summary>The user's own images, with some alphabets held out; with some characters held out where there are too few alphabets.</summary>
    /// <exception cref="InputException">There are too few classes, or too few of them have enough images.</exception>
    public static FewShotData Read(string path, int seed)
    {
        List<CharacterImage> images = ReadUsable(path);
        Random random = RandomDraws.For(seed, images.Count);
        (string Name, string Alphabet)[] classes = [.. images.Select(image => (image.Character, image.Alphabet)).Distinct()];
        if (classes.Length < 2 * FewestClasses)
        {
            throw new InputException(
                $"'{path}' must have at least {2 * FewestClasses} classes of {ImagesPerClass} images, half of them to be held out, but has {classes.Length}.");
        }

        int wanted = Math.Max(Math.Min(EvaluationWays, classes.Length / 2), classes.Length / 5);

        string[] alphabets = [.. classes.Select(entry => entry.Alphabet).Distinct()];
        random.Shuffle(alphabets);
        HashSet<string> unseenAlphabets = [];
        // Two alphabets where that leaves enough to train on, so that an episode can mix them.
        int wantedAlphabets = alphabets.Length >= 4 ? 2 : 1;
        foreach (string alphabet in alphabets.SkipLast(1).TakeWhile(_ => Held() < wanted || unseenAlphabets.Count < wantedAlphabets))
            unseenAlphabets.Add(alphabet);
        if (Held() >= wanted && classes.Length - Held() >= classes.Length / 3)
            return Split(images, image => !unseenAlphabets.Contains(image.Alphabet), $"'{path}'; held out: {string.Join(", ", unseenAlphabets)}");

        random.Shuffle(classes);
        HashSet<string> unseen = [.. classes.Take(wanted).Select(entry => entry.Name)];
        return Split(images, image => !unseen.Contains(image.Character), $"'{path}'; {wanted} of {classes.Length} classes held out");

        int Held() => classes.Count(entry => unseenAlphabets.Contains(entry.Alphabet));
    }

    /// <summary>The user's own images, all of them to train on.</summary>
    /// <exception cref="InputException">There are too few classes, or too few of them have enough images.</exception>
    public static FewShotData ReadAll(string path) => new(ReadUsable(path), [], $"'{path}'; all classes trained on");

    private static FewShotData Split(IReadOnlyList<CharacterImage> images, Predicate<CharacterImage> isTraining, string description) =>
        new([.. images.Where(image => isTraining(image))], [.. images.Where(image => !isTraining(image))], description);

    private static List<CharacterImage> ReadUsable(string path)
    {
        IReadOnlyList<CharacterImage> images = ImageFolder.Read(path);
        IGrouping<string, CharacterImage>[] usable = [.. images.GroupBy(image => image.Character).Where(group => group.Count() >= ImagesPerClass)];
        if (usable.Length < FewestClasses)
            throw new InputException($"'{path}' must have at least {FewestClasses} classes of at least {ImagesPerClass} images, but has {usable.Length}.");
        return [.. usable.SelectMany(group => group)];
    }
}
