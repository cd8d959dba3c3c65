using System.Reflection;
using MLNet.Papers.Tests.Onnx;

namespace MLNet.Papers.Tests.Contract;

/// <summary>The work-out that every estimator of the package must survive.</summary>
/// <remarks>Estimators are found by reflection, and so are the cases that say how to make each. The checks are run on broken estimators too.</remarks>
[TestClass]
public sealed class EstimatorContractTests
{
    private static readonly Dictionary<(Type, string), Workout> Workouts = [];

    public static IEnumerable<object[]> Estimators => EstimatorCases.Subjects().Select(subject => new object[] { subject.Estimator, subject.Variant });

    [ClassCleanup]
    public static void FreeTheModels()
    {
        foreach (Workout workout in Workouts.Values)
            workout.Dispose();
        Workouts.Clear();
    }

    [TestMethod]
    public void Every_estimator_has_exactly_one_case()
    {
        Assert.IsNotEmpty(EstimatorCases.EstimatorTypes, "The package must have estimators.");
        foreach (Type estimator in EstimatorCases.EstimatorTypes)
            EstimatorCases.Of(estimator);
    }

    [TestMethod]
    public void Every_case_is_one_of_an_estimator_of_the_package()
    {
        foreach (IEstimatorCase single in EstimatorCases.All)
        {
            Assert.Contains(
                single.EstimatorType, EstimatorCases.EstimatorTypes,
                $"{single.GetType()} is the case of {single.EstimatorType}, which is no public estimator of the package.");
        }
    }

    [TestMethod]
    public void Every_check_is_a_test_and_every_point_has_a_check()
    {
        string[] tests =
        [
            .. typeof(EstimatorContractTests).GetMethods()
                .Where(method => method.GetParameters().Length == 2 && method.IsDefined(typeof(TestMethodAttribute)))
                .Select(method => method.Name),
        ];
        CollectionAssert.AreEquivalent(
            ContractChecks.All.Select(check => check.Name).ToArray(), tests, "There must be one test for each check, of the same name.");
        int[] points = [.. Enumerable.Range(1, 21), 23, 26, 27, 29, 30, 32];
        CollectionAssert.IsSubsetOf(points, ContractChecks.All.Select(check => check.Point).ToArray(), "Each of these points must have a check.");
    }

    // Point 1.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_valid_input_is_accepted(Type estimator, string variant) =>
        SchemaChecks.A_valid_input_is_accepted(Of(estimator, variant));

    // Point 2.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_missing_or_wrong_column_is_refused_everywhere(Type estimator, string variant) =>
        SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Null_is_refused_by_the_name_of_the_argument(Type estimator, string variant) =>
        SchemaChecks.Null_is_refused_by_the_name_of_the_argument(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_wrong_column_to_validate_on_is_refused_before_a_row_is_read(Type estimator, string variant) =>
        SchemaChecks.A_wrong_column_to_validate_on_is_refused_before_a_row_is_read(Of(estimator, variant));

    // Point 3.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_saved_model_loads_as_the_same_type(Type estimator, string variant) =>
        PersistenceChecks.A_saved_model_loads_as_the_same_type(Of(estimator, variant));

    // Point 4.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_row_mapper_keeps_the_input_schema_it_was_given(Type estimator, string variant) =>
        SchemaChecks.The_row_mapper_keeps_the_input_schema_it_was_given(Of(estimator, variant));

    // Point 5.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void All_output_schemas_agree(Type estimator, string variant) =>
        SchemaChecks.All_output_schemas_agree(Of(estimator, variant));

    // Point 6.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_loaded_model_gives_the_values_of_the_original(Type estimator, string variant) =>
        PersistenceChecks.A_loaded_model_gives_the_values_of_the_original(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_loaded_model_saves_as_the_same_file(Type estimator, string variant) =>
        PersistenceChecks.A_loaded_model_saves_as_the_same_file(Of(estimator, variant));

    // Point 7.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Values_do_not_depend_on_which_columns_are_active(Type estimator, string variant) =>
        ScoringChecks.Values_do_not_depend_on_which_columns_are_active(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Sparse_vectors_give_the_values_of_dense_ones(Type estimator, string variant) =>
        ScoringChecks.Sparse_vectors_give_the_values_of_dense_ones(Of(estimator, variant));

    // Point 8.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Row_ids_are_stable_and_different(Type estimator, string variant) =>
        ScoringChecks.Row_ids_are_stable_and_different(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_cursor_has_the_schema_of_its_view(Type estimator, string variant) =>
        ScoringChecks.The_cursor_has_the_schema_of_its_view(Of(estimator, variant));

    // Point 9.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_promised_schema_is_the_delivered_one(Type estimator, string variant) =>
        SchemaChecks.The_promised_schema_is_the_delivered_one(Of(estimator, variant));

    // Point 10.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Disposing_the_loaded_model_leaves_the_original_working(Type estimator, string variant) =>
        PersistenceChecks.Disposing_the_loaded_model_leaves_the_original_working(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Disposing_twice_is_harmless(Type estimator, string variant) =>
        PersistenceChecks.Disposing_twice_is_harmless(Of(estimator, variant));

    // Point 11.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Cursor_sets_give_the_same_rows(Type estimator, string variant) =>
        ScoringChecks.Cursor_sets_give_the_same_rows(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Shuffled_cursors_give_the_same_rows(Type estimator, string variant) =>
        ScoringChecks.Shuffled_cursors_give_the_same_rows(Of(estimator, variant));

    // Point 12.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_prediction_engine_gives_the_values_of_the_batch_path(Type estimator, string variant) =>
        ScoringChecks.A_prediction_engine_gives_the_values_of_the_batch_path(Of(estimator, variant));

    // Point 13.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Cursors_of_one_view_do_not_disturb_each_other(Type estimator, string variant) =>
        ScoringChecks.Cursors_of_one_view_do_not_disturb_each_other(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Eight_threads_get_the_values_of_one(Type estimator, string variant) =>
        ScoringChecks.Eight_threads_get_the_values_of_one(Of(estimator, variant));

    // Point 14.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Values_do_not_depend_on_the_batch_size(Type estimator, string variant) =>
        ScoringChecks.Values_do_not_depend_on_the_batch_size(Of(estimator, variant));

    // Point 15.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Another_process_loads_the_model(Type estimator, string variant) =>
        PersistenceChecks.Another_process_loads_the_model(Of(estimator, variant));

    // Point 16.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_same_seed_gives_the_same_model(Type estimator, string variant) =>
        FitChecks.The_same_seed_gives_the_same_model(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Another_seed_gives_another_model(Type estimator, string variant) =>
        FitChecks.Another_seed_gives_another_model(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_twice_gives_two_independent_models(Type estimator, string variant) =>
        FitChecks.Fitting_twice_gives_two_independent_models(Of(estimator, variant));

    // Point 17.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void No_rows_give_an_empty_view(Type estimator, string variant) =>
        ScoringChecks.No_rows_give_an_empty_view(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void One_row_is_scored(Type estimator, string variant) =>
        ScoringChecks.One_row_is_scored(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void One_row_more_than_a_batch_is_scored(Type estimator, string variant) =>
        ScoringChecks.One_row_more_than_a_batch_is_scored(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_no_rows_is_a_clear_error(Type estimator, string variant) =>
        FitChecks.Fitting_no_rows_is_a_clear_error(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_one_row_works_or_is_a_clear_error(Type estimator, string variant) =>
        FitChecks.Fitting_one_row_works_or_is_a_clear_error(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_one_row_more_than_a_batch_works(Type estimator, string variant) =>
        FitChecks.Fitting_one_row_more_than_a_batch_works(Of(estimator, variant));

    // Point 18.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_row_that_is_not_finite_gets_no_prediction(Type estimator, string variant) =>
        ScoringChecks.A_row_that_is_not_finite_gets_no_prediction(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_numbers_that_are_not_finite_is_a_clear_error(Type estimator, string variant) =>
        FitChecks.Fitting_numbers_that_are_not_finite_is_a_clear_error(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_huge_numbers_never_gives_a_model_without_values(Type estimator, string variant) =>
        FitChecks.Fitting_huge_numbers_never_gives_a_model_without_values(Of(estimator, variant));

    // Point 19.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Cancelling_from_another_thread_ends_the_fit_within_a_second(Type estimator, string variant) =>
        FitChecks.Cancelling_from_another_thread_ends_the_fit_within_a_second(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_fit_that_is_said_to_end_soon_ends_soon(Type estimator, string variant) =>
        FitChecks.A_fit_that_is_said_to_end_soon_ends_soon(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_context_that_was_cancelled_does_not_fit(Type estimator, string variant) =>
        FitChecks.A_context_that_was_cancelled_does_not_fit(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_model_scores_in_a_context_that_was_cancelled(Type estimator, string variant) =>
        FitChecks.A_model_scores_in_a_context_that_was_cancelled(Of(estimator, variant));

    // Point 20.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Damaged_weights_are_refused(Type estimator, string variant) =>
        PersistenceChecks.Damaged_weights_are_refused(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Weights_cut_short_are_refused(Type estimator, string variant) =>
        PersistenceChecks.Weights_cut_short_are_refused(Of(estimator, variant));

    // Point 21.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void An_ONNX_model_gives_the_values_of_the_transformer(Type estimator, string variant) =>
        OnnxChecks.An_ONNX_model_gives_the_values_of_the_transformer(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_chain_is_written_as_one_ONNX_model_or_refused(Type estimator, string variant) =>
        OnnxChecks.A_chain_is_written_as_one_ONNX_model_or_refused(Of(estimator, variant));

    // Style guide, sections 6 and 7.1.
    // Point 23.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_vector_of_another_length_is_refused_by_name(Type estimator, string variant) =>
        RowChecks.A_vector_of_another_length_is_refused_by_name(Of(estimator, variant));

    // Point 26.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void After_an_exception_from_upstream_a_cursor_gives_no_more_rows(Type estimator, string variant) =>
        RowChecks.After_an_exception_from_upstream_a_cursor_gives_no_more_rows(Of(estimator, variant));

    // Point 29.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void Another_culture_changes_nothing(Type estimator, string variant) =>
        CultureChecks.Another_culture_changes_nothing(Of(estimator, variant));

    // Point 30.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_importance_of_each_feature_is_found(Type estimator, string variant) =>
        ExplanationChecks.The_importance_of_each_feature_is_found(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void No_tensor_outlives_a_disposed_model(Type estimator, string variant) =>
        PersistenceChecks.No_tensor_outlives_a_disposed_model(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fit_leaves_the_random_state_of_torch_as_it_found_it(Type estimator, string variant) =>
        FitChecks.Fit_leaves_the_random_state_of_torch_as_it_found_it(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void The_default_options_construct(Type estimator, string variant) =>
        OptionChecks.The_default_options_construct(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Every_option_has_a_rule(Type estimator, string variant) =>
        OptionChecks.Every_option_has_a_rule(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Every_option_refuses_each_bad_value(Type estimator, string variant) =>
        OptionChecks.Every_option_refuses_each_bad_value(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Every_option_that_must_not_be_null_refuses_null(Type estimator, string variant) =>
        OptionChecks.Every_option_that_must_not_be_null_refuses_null(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Options_are_copied_and_left_alone(Type estimator, string variant) =>
        OptionChecks.Options_are_copied_and_left_alone(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Search_ranges_fit_their_options(Type estimator, string variant) =>
        OptionChecks.Search_ranges_fit_their_options(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Every_option_at_its_largest_value_can_be_cancelled_or_is_refused(Type estimator, string variant) =>
        OptionChecks.Every_option_at_its_largest_value_can_be_cancelled_or_is_refused(Of(estimator, variant));

    // Point 27.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_fit_that_is_cancelled_while_it_reads_reads_no_further(Type estimator, string variant) =>
        FitChecks.A_fit_that_is_cancelled_while_it_reads_reads_no_further(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Both_ends_of_every_search_range_can_be_fitted(Type estimator, string variant) =>
        OptionChecks.Both_ends_of_every_search_range_can_be_fitted(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Every_option_that_takes_memory_works_at_its_largest_value_or_is_refused_with_the_bytes(Type estimator, string variant) =>
        OptionChecks.Every_option_that_takes_memory_works_at_its_largest_value_or_is_refused_with_the_bytes(Of(estimator, variant));

    // Point 32.
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_generator_gives_the_same_rows_for_the_same_seed(Type estimator, string variant) =>
        GeneratorChecks.A_generator_gives_the_same_rows_for_the_same_seed(Of(estimator, variant));

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Generated_rows_have_the_names_and_types_of_those_fitted(Type estimator, string variant) =>
        GeneratorChecks.Generated_rows_have_the_names_and_types_of_those_fitted(Of(estimator, variant));

    private static Workout Of(Type estimator, string variant)
    {
        if (!Workouts.TryGetValue((estimator, variant), out Workout? workout))
            Workouts[(estimator, variant)] = workout = new Workout(EstimatorCases.Of(estimator, variant));
        return workout;
    }
}
