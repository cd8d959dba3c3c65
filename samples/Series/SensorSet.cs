namespace MLNet.Papers.Samples.Series;

/// <summary>
/// Series as a sensor on a machine gives them, drawn: three axes of vibration of unequal length, whose class is what happened at one moment somewhere in them.
/// </summary>
internal static class SensorSet
{
    private const int Channels = 3;
    private const int Shortest = 60;
    private const int Longest = 140;

    /// <summary>The classes: nothing, a knock, a slip that rings down, and a step in the level of one axis.</summary>
    private static readonly string[] Classes = ["even", "knock", "slip", "shift"];

    /// <summary>Draws rows, of each class as many.</summary>
    public static SeriesRow[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row => Row(row % Classes.Length))];

        SeriesRow Row(int kind)
        {
            int steps = random.Next(Shortest, Longest + 1), moment = random.Next(5, steps / 2), axis = random.Next(Channels);
            double frequency = 0.3 + (0.4 * random.NextDouble()), phase = 6.28 * random.NextDouble();
            float[] series = new float[Channels * steps];
            for (int step = 0; step < steps; step++)
            {
                for (int channel = 0; channel < Channels; channel++)
                {
                    double value = (0.5 * Math.Sin((frequency * step) + phase + (2 * channel))) + (0.3 * Normal());
                    int after = step - moment;
                    if (after >= 0 && channel == axis)
                    {
                        value += kind switch
                        {
                            1 => after < 2 ? 2.5 : 0,
                            2 => 2 * Math.Exp(-after / 6.0) * Math.Cos(1.5 * after),
                            3 => after < 12 ? 1 : 0,
                            _ => 0,
                        };
                    }

                    series[(step * Channels) + channel] = (float)value;
                }
            }

            return new() { Series = series, Class = Classes[kind] };
        }

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
