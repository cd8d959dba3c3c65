using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about schemas.</summary>
internal static class SchemaChecks
{
    private static readonly Type[] Refusals = [typeof(ArgumentOutOfRangeException), typeof(InvalidOperationException)];

    [Point(1)]
    public static void A_valid_input_is_accepted(Workout workout)
    {
        Assert.IsTrue(workout.OwnRows.Count is >= 10 and <= 200, $"The data of a case must have 10 to 200 rows, but has {workout.OwnRows.Count}.");
        IEstimator<ITransformer> estimator = workout.Create(Workout.NewContext());
        Expect.Works("GetOutputSchema for the estimator's own columns", () => estimator.GetOutputSchema(SchemaShapes.Of(workout.OwnRows.Schema)));
        Expect.Works("GetOutputSchema for its own and other columns", () => estimator.GetOutputSchema(SchemaShapes.Of(workout.Data.Schema)));
    }

    [Point(2)]
    public static void A_missing_or_wrong_column_is_refused_everywhere(Workout workout)
    {
        IEstimator<ITransformer> estimator = workout.Create(Workout.NewContext());
        RejectedInput[] inputs = [.. workout.Case.Rejected(Workout.NewContext())];
        foreach (DataViewSchema.Column column in workout.OwnRows.Schema)
        {
            IEnumerable<DataViewSchema.Column?> others = inputs.Where(input => input.Column == column.Name && input.By.HasFlag(RejectedBy.Estimator))
                .Select(input => input.Data.Schema.GetColumnOrNull(column.Name));
            Assert.IsTrue(others.Contains(null), $"The case must reject an input without '{column.Name}'.");
            bool hasOtherType = others.Any(other => other is { } found && !found.Type.Equals(column.Type));
            Assert.IsTrue(hasOtherType, $"The case must reject an input whose '{column.Name}' is not {column.Type}.");
        }

        foreach (RejectedInput input in inputs)
        {
            bool byEstimator = input.By.HasFlag(RejectedBy.Estimator), byModel = input.By.HasFlag(RejectedBy.Model);
            Check(byEstimator, "the estimator's GetOutputSchema", () => estimator.GetOutputSchema(SchemaShapes.Of(input.Data.Schema)));
            if (byEstimator)
                Check(true, "Fit", () => estimator.Fit(input.Data));
            foreach ((string name, ITransformer model) in workout.Models())
            {
                Check(byModel, $"GetOutputSchema of {name}", () => model.GetOutputSchema(input.Data.Schema));
                Check(byModel, $"Transform of {name}", () => model.Transform(input.Data));
            }

            void Check(bool isRefused, string where, Func<object?> action)
            {
                string what = $"With '{input.Column}' {input.Problem}, {where}";
                if (!isRefused)
                {
                    Expect.Works(what, action);
                    return;
                }

                string message = Expect.Throws(what, action, Refusals).Message;
                Assert.Contains($"'{input.Column}'", message, $"{what} must throw a message that names the column.");
            }
        }
    }

    [Point(2)]
    public static void Null_is_refused_by_the_name_of_the_argument(Workout workout)
    {
        IEstimator<ITransformer> estimator = workout.Create(Workout.NewContext());
        Check("Fit(null)", "input", () => estimator.Fit(null!));
        Check("GetOutputSchema(null)", "inputSchema", () => estimator.GetOutputSchema(null!));

        static void Check(string what, string argument, Func<object?> action)
        {
            var error = (ArgumentNullException)Expect.Throws(what, action, typeof(ArgumentNullException));
            Assert.AreEqual(argument, error.ParamName, $"{what} must name the argument.");
        }
    }

    /// <remarks>The rows to validate on are read long after those to train on: what is wrong with their columns must be said before.</remarks>
    [Point(2)]
    public static void A_wrong_column_to_validate_on_is_refused_before_a_row_is_read(Workout workout)
    {
        if (!Validates(workout))
            return;
        foreach (RejectedInput input in workout.Case.Rejected(Workout.NewContext()).Where(input => input.By.HasFlag(RejectedBy.Estimator)))
            Check(input.Column, input.Problem, input.Data);
        foreach (DataViewSchema.Column column in workout.OwnRows.Schema)
        {
            if (column.Type is not VectorDataViewType { IsKnownSize: true } vector || !vector.ItemType.Equals(NumberDataViewType.Single))
                continue;
            float[][] longer = [.. Enumerable.Range(0, workout.OwnRows.Count).Select(_ => new float[vector.Size + 1])];
            Check(column.Name, "longer than in training", workout.OwnRows.With(MemoryColumn.Vectors(column.Name, longer)));
        }

        void Check(string column, string problem, IDataView validation)
        {
            string what = $"With '{column}' {problem} in the rows to validate on, Fit";
            var data = new WatchedView(workout.Data, int.MaxValue, () => { });
            string message = Expect.Throws(what, () => CreateValidating(workout, validation).Fit(data), Refusals).Message;
            Assert.Contains($"'{column}'", message, $"{what} must throw a message that names the column.");
            Assert.Contains("Validation", message, $"{what} must throw a message that says where.");
            Assert.AreEqual(0, data.Rows, $"{what} must throw before it reads rows to train on.");
        }
    }

    // Whether the technique takes rows to validate on.
    private static bool Validates(Workout workout)
    {
        if (workout.Case.SmallestOptions().GetType().GetProperty(nameof(TrainingOptions.Validation)) is null)
            return false;
        try
        {
            return CreateValidating(workout, workout.OwnRows) is not null;
        }
        catch (ArgumentOutOfRangeException refusal) when (refusal.ParamName == nameof(TrainingOptions.Validation))
        {
            return false;
        }
    }

    private static IEstimator<ITransformer> CreateValidating(Workout workout, IDataView validation)
    {
        TechniqueOptions options = workout.Case.SmallestOptions();
        PropertyInfo property = options.GetType().GetProperty(nameof(TrainingOptions.Validation))!;
        property.SetValue(options, validation);
        return workout.Create(Workout.NewContext(), options);
    }

    [Point(4)]
    public static void The_row_mapper_keeps_the_input_schema_it_was_given(Workout workout)
    {
        foreach ((string name, ITransformer model) in workout.Models())
        {
            Assert.IsTrue(model.IsRowToRowMapper, $"IsRowToRowMapper of {name} must be true.");
            IRowToRowMapper mapper = model.GetRowToRowMapper(workout.Data.Schema);
            Assert.AreSame(workout.Data.Schema, mapper.InputSchema, $"InputSchema of the row mapper of {name} must be the object that was passed in.");
            AssertSame($"OutputSchema of the row mapper of {name}", model.GetOutputSchema(workout.Data.Schema), mapper.OutputSchema);
        }
    }

    [Point(5)]
    public static void All_output_schemas_agree(Workout workout)
    {
        DataViewSchema expected = workout.Model.GetOutputSchema(workout.Data.Schema);
        AssertSame("GetOutputSchema of the loaded model", expected, workout.Loaded.GetOutputSchema(workout.Data.Schema));
        AssertSame("The schema of the data that the fitted model transformed", expected, workout.Model.Transform(workout.Data).Schema);
        AssertSame("The schema of the data that the loaded model transformed", expected, workout.Loaded.Transform(workout.Data).Schema);
    }

    [Point(9)]
    public static void The_promised_schema_is_the_delivered_one(Workout workout)
    {
        SchemaShape promised = workout.Create(Workout.NewContext()).GetOutputSchema(SchemaShapes.Of(workout.Data.Schema));
        SchemaShape delivered = SchemaShapes.Of(workout.Model.GetOutputSchema(workout.Data.Schema));
        CollectionAssert.AreEquivalent(Names(delivered), Names(promised), "The estimator must promise the columns that the model delivers.");
        foreach (SchemaShape.Column column in promised)
        {
            SchemaShape.Column found = SchemaShapes.Find(delivered, column.Name)!.Value;
            Assert.IsTrue(SchemaShapes.Fits(column, found),
                $"The model must deliver all that is promised of '{column.Name}': {Describe(column)}; it delivers {Describe(found)}.");
            Assert.IsTrue(SchemaShapes.Fits(found, column),
                $"The estimator must promise all that is delivered of '{column.Name}': {Describe(found)}; it promises {Describe(column)}.");
        }

        static string[] Names(SchemaShape shape) => [.. shape.Select(column => column.Name)];
    }

    private static void AssertSame(string what, DataViewSchema expected, DataViewSchema actual)
    {
        if (SchemaComparison.FindDifference(expected, actual) is { } difference)
            Assert.Fail($"{what}: {difference}.");
    }

    private static string Describe(SchemaShape.Column column) => string.Join(" with ",
        [
            SchemaShapes.TypeName(column),
            .. column.Annotations.Select(annotation => $"{annotation.Name}: {SchemaShapes.TypeName(annotation)}").Order(StringComparer.Ordinal),
        ]);
}
