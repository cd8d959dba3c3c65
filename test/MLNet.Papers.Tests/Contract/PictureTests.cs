using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Pictures that live in the user's own objects, at every estimator that reads pictures.</summary>
[TestClass]
public sealed class PictureTests
{
    public static IEnumerable<object[]> Estimators => EstimatorCases.Subjects()
        .Where(subject => PictureColumn(EstimatorCases.Of(subject.Estimator, subject.Variant).Data(Workout.NewContext())) is not null)
        .Select(subject => new object[] { subject.Estimator, subject.Variant });

    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_users_pictures_are_as_they_were(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        MLImage[] pictures = Pictures(workout.OwnRows);
        byte[][] before = [.. pictures.Select(Pixels)];
        IDataView view = workout.Model.Transform(workout.Data);
        foreach ((string name, Action use) in Uses(workout, view))
        {
            use();
            for (int row = 0; row < pictures.Length; row++)
            {
                CollectionAssert.AreEqual(
                    before[row], Expect.Works($"Reading picture {row} after {name}", () => Pixels(pictures[row])), $"Picture {row} after {name}.");
            }
        }
    }

    private static IEnumerable<(string Name, Action Use)> Uses(Workout workout, IDataView view)
    {
        DataViewSchema.Column[] outputs = [.. workout.Outputs()];
        yield return ("a fit", () => (workout.Fit() as IDisposable)?.Dispose());
        if (workout.Case.Learns)
            yield return ("a cancelled fit", () => CancelFit(workout));
        yield return ("reading all columns", () => Table.Read(view));
        yield return ("reading the outputs", () => Table.Read(view, outputs));
        yield return ("a preview", () => view.Preview(3));
        yield return ("a cursor that nobody reads", () => view.GetRowCursor(view.Schema).Dispose());
        yield return ("a cursor that is given up", () =>
        {
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            for (int row = 0; row < 3; row++)
                cursor.MoveNext();
        }
        );
        yield return ("a prediction engine", () => RowClasses.ScoreRowByRow(workout.Model, workout.Data));
        yield return ("a set of cursors", () =>
        {
            foreach (DataViewRowCursor cursor in view.GetRowCursorSet(view.Schema, 2))
            {
                using (cursor)
                    Table.Read(cursor, [.. view.Schema]);
            }
        }
        );
        yield return ("loading and disposing", () => (workout.Load() as IDisposable)?.Dispose());
    }

    private static void CancelFit(Workout workout)
    {
        MLContext ml = Workout.NewContext();
        ml.CancelExecution();
        Expect.Throws("A cancelled fit", () => workout.Create(ml).Fit(workout.Data), typeof(OperationCanceledException));
    }

    private static string? PictureColumn(IDataView data) =>
        data.Schema.Where(column => column.Type is ImageDataViewType).Select(column => column.Name).FirstOrDefault();

    private static MLImage[] Pictures(MemoryView rows)
    {
        string column = PictureColumn(rows)!;
        using DataViewRowCursor cursor = rows.GetRowCursor([rows.Schema[column]]);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(rows.Schema[column]);
        var pictures = new List<MLImage>();
        while (cursor.MoveNext())
        {
            MLImage picture = null!;
            getter(ref picture);
            pictures.Add(picture);
        }

        return [.. pictures];
    }

    private static byte[] Pixels(MLImage picture)
    {
        byte[] buffer = [];
        return Interop.PicturePixels.Read(picture, ref buffer).ToArray();
    }
}
