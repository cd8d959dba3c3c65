using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.SearchSpace;
using MLNet.Papers.Tests.Options;
using MLNet.Papers.Tests.Training;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the style guide says about options, sections 6 and 7.1.</summary>
internal static class OptionChecks
{
    [Point(PointAttribute.StyleGuide)]
    public static void The_default_options_construct(Workout workout)
    {
        Expect.Works("Making the estimator without options", () => workout.Case.Create(Workout.NewContext(), null));
        Type type = workout.Case.SmallestOptions().GetType();
        var defaults = (TechniqueOptions)Expect.Works("The parameterless constructor of the options", () => Activator.CreateInstance(type))!;
        Expect.Works("Making the estimator with default options", () => workout.Create(Workout.NewContext(), defaults));
    }

    [Point(PointAttribute.StyleGuide)]
    public static void Every_option_has_a_rule(Workout workout)
    {
        foreach (PropertyInfo property in Properties(workout))
        {
            var rule = property.GetCustomAttribute<RuleAttribute>();
            Assert.IsNotNull(rule, $"{Name(property)} must have a rule.");
            bool isOpen = rule is AnyValueAttribute || property.PropertyType == typeof(bool);
            Assert.IsTrue(isOpen || rule.BrokenBy(property.PropertyType).Any(), $"The rule of {Name(property)} must derive a value that breaks it.");
        }
    }

    [Point(PointAttribute.StyleGuide)]
    public static void Every_option_refuses_each_bad_value(Workout workout)
    {
        foreach (PropertyInfo property in Properties(workout))
        {
            if (property.GetCustomAttribute<RuleAttribute>() is not { } rule)
                continue;
            foreach (object bad in rule.BrokenBy(property.PropertyType))
            {
                TechniqueOptions options = With(workout, property, InPlace(property.PropertyType, bad));
                string value = bad is string text ? $"'{text}'" : Convert.ToString(bad, CultureInfo.InvariantCulture)!;
                Exception error = Expect.Throws(
                    $"{Name(property)} = {value}", () => workout.Create(Workout.NewContext(), options), typeof(ArgumentOutOfRangeException));
                string expected = new ArgumentOutOfRangeException(property.Name, $"{Name(property)} must be {rule.Requirement}, but was {value}.").Message;
                Assert.AreEqual(expected, error.Message, $"{Name(property)} = {value} must be refused with this message.");
            }
        }
    }

    [Point(PointAttribute.StyleGuide)]
    public static void Every_option_that_must_not_be_null_refuses_null(Workout workout)
    {
        foreach (PropertyInfo property in Properties(workout))
        {
            if (property.PropertyType.IsValueType || new NullabilityInfoContext().Create(property).WriteState != NullabilityState.NotNull)
                continue;
            TechniqueOptions options = With(workout, property, null);
            Exception error = Expect.Throws($"{Name(property)} = null", () => workout.Create(Workout.NewContext(), options), typeof(ArgumentNullException));
            Assert.Contains(Name(property), error.Message, $"{Name(property)} = null must be refused with a message that names the option.");
        }
    }

    [Point(PointAttribute.StyleGuide)]
    public static void Options_are_copied_and_left_alone(Workout workout)
    {
        TechniqueOptions options = workout.Case.SmallestOptions();
        IEstimator<ITransformer> estimator = workout.Create(Workout.NewContext(), options);
        string before = Describe(options);
        ITransformer first = Expect.Works("Fit", () => estimator.Fit(workout.Data));
        Assert.AreEqual(before, Describe(options), "Fit must not change the options it was given.");

        // Values that no fit would survive.
        foreach (PropertyInfo property in Properties(workout))
        {
            if (property.GetCustomAttribute<RuleAttribute>()?.BrokenBy(property.PropertyType).FirstOrDefault() is not { } bad)
                continue;
            if (property.GetValue(options) is Array { Length: > 0 } array)
                array.SetValue(bad, 0);
            else
                property.SetValue(options, InPlace(property.PropertyType, bad));
        }

        options.Seed = 77;
        ITransformer second = Expect.Works("Fit after its options were changed outside", () => estimator.Fit(workout.Data));
        PersistenceChecks.AssertSameFiles("Options are copied: after they were changed outside, the .zip", workout.Save(first), workout.Save(second));
        (first as IDisposable)?.Dispose();
        (second as IDisposable)?.Dispose();
    }

    [Point(PointAttribute.StyleGuide)]
    public static void Search_ranges_fit_their_options(Workout workout)
    {
        object defaults = Activator.CreateInstance(workout.Case.SmallestOptions().GetType())!;
        foreach (PropertyInfo property in Properties(workout))
        {
            if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
                continue;
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            Assert.AreEqual(type, range.Min.GetType(), $"The search range of {Name(property)} must be of the option's type.");
            double least = Number(range.Min), most = Number(range.Max);
            Assert.IsLessThan(most, least, $"The search range of {Name(property)} must not be empty.");
            Assert.IsNotNull(range.Init, $"The search range of {Name(property)} must start at the default.");
            Assert.AreEqual(property.GetValue(defaults), range.Init, $"The search range of {Name(property)} must start at the default.");
            bool isInside = Number(range.Init) >= least && Number(range.Init) <= most;
            Assert.IsTrue(isInside, $"The search range of {Name(property)} must contain its start {range.Init}.");
            Assert.IsTrue(!range.LogBase || least > 0, $"The search range of {Name(property)} is logarithmic, so it must begin above 0.");
            var rule = property.GetCustomAttribute<RuleAttribute>();
            object? violation = rule?.FindViolation(range.Min) ?? rule?.FindViolation(range.Max);
            Assert.IsNull(violation, $"The search range of {Name(property)} must keep to the option's rule.");
        }
    }

    /// <remarks>
    /// Options that memory grows with are left to <see cref="Every_option_that_takes_memory_works_at_its_largest_value_or_is_refused_with_the_bytes"/>.
    /// </remarks>
    [Point(PointAttribute.StyleGuide)]
    public static void Every_option_at_its_largest_value_can_be_cancelled_or_is_refused(Workout workout)
    {
        if (!workout.Case.Learns)
            return;
        foreach (PropertyInfo property in Properties(workout))
        {
            if (property.GetCustomAttribute<RuleAttribute>() is NumberRuleAttribute rule && !property.IsDefined(typeof(TakesMemoryAttribute)))
                AssertHeeded(workout, property, InPlace(property.PropertyType, rule.LargestOf(property.PropertyType)));
        }
    }

    /// <remarks>With as little memory as this, what is not refused takes no long steps either.</remarks>
    [Point(27)]
    public static void Every_option_that_takes_memory_works_at_its_largest_value_or_is_refused_with_the_bytes(Workout workout)
    {
        if (!workout.Case.Learns)
            return;
        const long Bytes = 32 << 20;
        foreach (PropertyInfo property in Properties(workout))
        {
            if (!property.IsDefined(typeof(TakesMemoryAttribute)) || property.GetCustomAttribute<RuleAttribute>() is not NumberRuleAttribute rule)
                continue;
            object largest = InPlace(property.PropertyType, rule.LargestOf(property.PropertyType));
            TrainingMemory.Limit = Bytes;
            try
            {
                // Rows may be too few for the option, which is said before memory is counted.
                if (AssertHeeded(workout, property, largest) is InvalidOperationException error
                    && !error.Message.Contains("row", StringComparison.OrdinalIgnoreCase) && !error.Message.Contains("learning rate", StringComparison.Ordinal))
                {
                    Assert.Contains(
                        " bytes", error.Message,
                        $"{Name(property)} = {Table.Text(largest)} must be refused with the bytes that it takes, but was: {error.Message}");
                }
            }
            finally
            {
                TrainingMemory.Limit = null;
            }
        }
    }

    /// <remarks>Other options with a range have their defaults. A fit is cancelled after its first step; the rows are those of the case.</remarks>
    [Point(31)]
    public static void Both_ends_of_every_search_range_can_be_fitted(Workout workout)
    {
        // What is wrong with a range itself is another check's.
        PropertyInfo[] swept = [.. Properties(workout).Where(property => property.GetCustomAttribute<RangeAttribute>() is { } range
            && range.Min.GetType() == property.PropertyType && (!range.LogBase || Number(range.Min) > 0))];
        PropertyInfo? progress = Properties(workout).FirstOrDefault(property => property.PropertyType == typeof(IProgress<TrainingProgress>));
        foreach (PropertyInfo property in swept)
        {
            var range = property.GetCustomAttribute<RangeAttribute>()!;
            foreach (object end in new[] { SearchRange.Trial(range, 0), SearchRange.Trial(range, 1) })
            {
                MLContext ml = Workout.NewContext();
                TechniqueOptions options = workout.Case.SmallestOptions(), defaults = (TechniqueOptions)Activator.CreateInstance(options.GetType())!;
                foreach (PropertyInfo other in swept)
                    other.SetValue(options, other == property ? end : other.GetValue(defaults));
                progress?.SetValue(options, new ProgressList(_ => ml.CancelExecution()));
                string what = $"A fit with {Name(property)} = {Table.Text(end)}, which AutoML may try, and the defaults of other ranges";
                try
                {
                    (workout.Create(ml, options).Fit(workout.Data) as IDisposable)?.Dispose();
                }
                catch (OperationCanceledException)
                {
                    // It has begun.
                }
                catch (Exception error)
                {
                    Assert.Fail($"{what} must work, but threw {Expect.Text(error)}");
                }
            }
        }
    }

    // Fits, cancels soon after, and sees that the fit ends soon, in the cancellation or in an error that names the option.
    private static Exception? AssertHeeded(Workout workout, PropertyInfo property, object value)
    {
        string what = $"{Name(property)} = {Table.Text(value)}";
        MLContext ml = Workout.NewContext();
        long cancelled = 0;
        Exception? thrown = null;
        using var timer = new Timer(
            _ =>
            {
                Volatile.Write(ref cancelled, Stopwatch.GetTimestamp());
                ml.CancelExecution();
            },
            null,
            workout.CancelledAfter,
            Timeout.InfiniteTimeSpan);
        try
        {
            (workout.Create(ml, With(workout, property, value)).Fit(workout.Data) as IDisposable)?.Dispose();
        }
        catch (OperationCanceledException)
        {
            // As it should be.
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or InvalidOperationException)
        {
            // Numbers with a fraction, such as learning rates, and large networks may also lead to weights that are not finite, which the message says in its
            // own words.
            bool isNotFinite = property.IsDefined(typeof(TakesMemoryAttribute)) && error.Message.Contains("learning rate", StringComparison.Ordinal);
            if (value is not double && !isNotFinite)
                Assert.Contains(property.Name, error.Message, $"{what} must be refused with a message that names the option, but was: {error.Message}");
            thrown = error;
        }
        catch (Exception error)
        {
            Assert.Fail($"{what} must be refused or cancelled, but ended in {error.GetType().Name}: {error.Message}");
        }

        long since = Volatile.Read(ref cancelled);
        double seconds = since == 0 ? 0 : Stopwatch.GetElapsedTime(since).TotalSeconds;
        Assert.IsLessThan(3, seconds, $"A Fit with {what} must end within a second after it was cancelled, but took {seconds:F1} s.");
        return thrown;
    }

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static IEnumerable<PropertyInfo> Properties(Workout workout) => TechniqueOptions.Properties(workout.Case.SmallestOptions().GetType());

    private static TechniqueOptions With(Workout workout, PropertyInfo property, object? value)
    {
        TechniqueOptions options = workout.Case.SmallestOptions();
        property.SetValue(options, value);
        return options;
    }

    // A rule on a collection speaks of each element.
    private static object InPlace(Type type, object value)
    {
        if (!type.IsArray)
            return value;
        var array = Array.CreateInstance(type.GetElementType()!, 1);
        array.SetValue(value, 0);
        return array;
    }

    private static string Name(PropertyInfo property) => $"{property.ReflectedType!.Name}.{property.Name}";

    private static string Describe(TechniqueOptions options) => string.Join("; ", TechniqueOptions.Properties(options.GetType())
        .Select(property => $"{property.Name} = {(property.GetValue(options) is { } value ? Table.Text(value) : "null")}"));
}
