using System.Numerics;

namespace MLNet.Papers.Samples.Characters;

/// <summary>The distributions that alphabets and writers are drawn from.</summary>
internal static class RandomDraws
{
    /// <summary>A generator of its own for each combination of numbers: what one draws does not depend on how much another has drawn.</summary>
    public static Random For(int seed, int first, int second = 0, int third = 0)
    {
        uint mixed = 0x9E3779B9;
        foreach (int part in (ReadOnlySpan<int>)[seed, first, second, third])
        {
            mixed = (mixed ^ (uint)part) * 0x85EBCA6B;
            mixed = (mixed ^ (mixed >> 15)) * 0xC2B2AE35;
            mixed ^= mixed >> 13;
        }

        return new Random((int)(mixed & int.MaxValue));
    }

    extension(Random random)
    {
        /// <summary>Evenly between two bounds.</summary>
        public float Between(float low, float high) => low + ((high - low) * random.NextSingle());

        /// <summary>Normal around 0, cut off at three deviations: no writer slips further.</summary>
        public float Normal(float deviation)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            return deviation * Math.Clamp((float)(radius * Math.Cos(2 * Math.PI * random.NextDouble())), -3, 3);
        }

        public Vector2 Normal2(float deviation) => new(random.Normal(deviation), random.Normal(deviation));

        public bool Chance(float probability) => random.NextSingle() < probability;

        public T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

        /// <summary>A position, with a probability in proportion to its weight.</summary>
        public int PickWeighted(IReadOnlyList<float> weights)
        {
            float rest = random.NextSingle() * weights.Sum();
            for (int i = 0; i < weights.Count - 1; i++)
            {
                rest -= weights[i];
                if (rest < 0)
                    return i;
            }

            return weights.Count - 1;
        }
    }
}
