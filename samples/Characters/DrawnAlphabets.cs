using System.Numerics.Tensors;
using SkiaSharp;

namespace MLNet.Papers.Samples.Characters;

/// <summary>Alphabets that nobody has ever written: characters made of random strokes, each drawn anew by every writer.</summary>
internal static class DrawnAlphabets
{
    /// <summary>Two characters whose plain shapes have a higher cosine would be taken for each other.</summary>
    private const float TooSimilar = 0.72f;

    /// <summary>Draws every character of some alphabets once for each writer.</summary>
    /// <param name="alphabets">How many alphabets, of 14 to 26 characters each. An alphabet does not depend on how many there are.</param>
    /// <param name="writers">How many writers, each with a hand of their own for every alphabet.</param>
    /// <param name="seed">Another seed gives other alphabets and other writers.</param>
    /// <returns>The images ordered by alphabet, character and writer.</returns>
    public static IReadOnlyList<CharacterImage> Draw(int alphabets, int writers, int seed) =>
        [.. Enumerable.Range(0, alphabets).AsParallel().AsOrdered().SelectMany(alphabet => DrawAlphabet(alphabet, writers, seed))];

    private static List<CharacterImage> DrawAlphabet(int alphabet, int writers, int seed)
    {
        using SKSurface paper = Handwriting.NewPaper();
        string alphabetName = FormattableString.Invariant($"alphabet-{alphabet + 1:00}");
        Handwriting[] hands = [.. Enumerable.Range(0, writers).Select(writer => new Handwriting(RandomDraws.For(seed, alphabet, -1, writer)))];
        IReadOnlyList<PenStroke>[] characters = Invent(RandomDraws.For(seed, alphabet), paper);
        var images = new List<CharacterImage>(characters.Length * writers);
        for (int character = 0; character < characters.Length; character++)
        {
            string characterName = FormattableString.Invariant($"{alphabetName}/character-{character + 1:00}");
            for (int writer = 0; writer < writers; writer++)
            {
                float[] pixels = hands[writer].Draw(characters[character], RandomDraws.For(seed, alphabet, character, writer), paper);
                images.Add(new CharacterImage(characterName, alphabetName, writer + 1, pixels));
            }
        }

        return images;
    }

    private static IReadOnlyList<PenStroke>[] Invent(Random random, SKSurface paper)
    {
        const int Tries = 30;
        var style = new AlphabetStyle(random);
        var characters = new IReadOnlyList<PenStroke>[random.Next(14, 27)];
        var shapes = new List<float[]>();
        for (int i = 0; i < characters.Length; i++)
        {
            // Of a few inventions the first that resembles no earlier one; failing that, the one that resembles them least.
            float least = float.PositiveInfinity;
            float[] shape = [];
            for (int tries = 0; tries < Tries && least > TooSimilar; tries++)
            {
                IReadOnlyList<PenStroke> invention = style.Invent(random);
                float[] candidate = Handwriting.Shape(invention, paper);
                float similarity = shapes.Count == 0 ? 0 : shapes.Max(earlier => TensorPrimitives.CosineSimilarity(candidate, earlier));
                if (similarity < least)
                    (least, shape, characters[i]) = (similarity, candidate, invention);
            }

            shapes.Add(shape);
        }

        return characters;
    }
}
