using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Vectors whose type has the dimensions of another image than the options say, at every estimator of images.</summary>
[TestClass]
public sealed class ImageDimensionTests
{
    public static IEnumerable<object[]> Estimators => EstimatorCases.Subjects()
        .Where(subject => ShapeOf(EstimatorCases.Of(subject.Estimator, subject.Variant)) is not null)
        .Select(subject => new object[] { subject.Estimator, subject.Variant });

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Dimensions_must_be_those_of_the_image(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        ImageShape shape = ShapeOf(workout.Case)!.Value;
        foreach (DataViewSchema.Column column in workout.Inputs().Where(column => column.Type is VectorDataViewType vector && vector.Size == shape.Size))
        {
            MemoryView right = workout.Data.WithDimensions(column.Name, shape.Channels, shape.Height, shape.Width),
                wrong = workout.Data.WithDimensions(column.Name, 2, shape.Size / 2);
            Table actual = Expect.Works(
                "Scoring with the dimensions of the image",
                () => Table.Read(workout.Model.Transform(right), workout.Model.Transform(right).Schema.Skip(right.Schema.Count)));
            Expect.SameValues("With the dimensions of the image", workout.Expected, actual, Tolerance.Exact);
            AssertRefused(column.Name, shape, () => workout.Create(Workout.NewContext()).Fit(wrong));
            AssertRefused(column.Name, shape, () => workout.Model.Transform(wrong));
            AssertRefused(column.Name, shape, () => workout.Loaded.GetOutputSchema(wrong.Schema));
        }
    }

    [TestMethod]
    public void Interleaved_pixels_are_refused_with_the_way_out()
    {
        float[][] rows = [.. Enumerable.Range(0, 8).Select(row => Enumerable.Repeat(row / 8f, 5 * 4 * 3).ToArray())];
        IDataView data = new MemoryView(
            [MemoryColumn.Vectors("Features", rows), MemoryColumn.Texts("Label", rows.Select((_, row) => row % 2 == 0 ? "a" : "b"))])
            .WithDimensions("Features", 5, 4, 3);
        CoordConvNetTrainer trainer = new MLContext(seed: 1).MulticlassClassification.Trainers.CoordConvNet(
            options: new() { ImageShape = new(3, 5, 4), Epochs = 1 });
        Exception error = Expect.Throws("Fit on interleaved pixels", () => trainer.Fit(data), typeof(ArgumentOutOfRangeException));
        Assert.Contains(
            "Column 'Features' must be an image of 3 × 5 × 4 (channels, rows, columns; ExtractPixels gives it with interleavePixelColors: " +
            "false), but is Vector<Single, 5, 4, 3>.",
            error.Message);
    }

    private static void AssertRefused(string column, ImageShape shape, Func<object?> use)
    {
        Exception error = Expect.Throws("A vector of other dimensions", use, typeof(ArgumentOutOfRangeException), typeof(InvalidOperationException));
        foreach (string part in new[] { $"'{column}'", shape.ToString(), "interleavePixelColors: false" })
            Assert.Contains(part, error.Message);
    }

    private static ImageShape? ShapeOf(IEstimatorCase single)
    {
        TechniqueOptions options = single.SmallestOptions();
        return options.GetType().GetProperty("ImageShape")?.GetValue(options) as ImageShape?;
    }
}
