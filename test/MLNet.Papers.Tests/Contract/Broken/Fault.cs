namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>One way to break the contract.</summary>
internal enum Fault
{
    /// <summary>Keeps the contract.</summary>
    None,

    // Point 1.
    [CaughtBy(nameof(SchemaChecks.A_valid_input_is_accepted))]
    WantsColumnsItDoesNotRead,

    // Point 2.
    [CaughtBy(nameof(SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere))]
    PromisesForAnyInput,

    [CaughtBy(nameof(SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere))]
    RefusesWithPlainArgumentException,

    [CaughtBy(nameof(SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere))]
    LoadedModelTransformsAnyInput,

    [CaughtBy(nameof(SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere))]
    RefusesWithoutNamingTheColumn,

    [CaughtBy(nameof(SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere))]
    RefusesWithTheNameOfAType,

    [CaughtBy(nameof(SchemaChecks.A_missing_or_wrong_column_is_refused_everywhere))]
    RefusesWithTheNameOfAParameterOfItsOwn,

    [CaughtBy(nameof(SchemaChecks.Null_is_refused_by_the_name_of_the_argument))]
    CrashesOnNull,

    [CaughtBy(nameof(SchemaChecks.Null_is_refused_by_the_name_of_the_argument))]
    NamesAnotherArgumentForNull,

    [CaughtBy(nameof(SchemaChecks.A_wrong_column_to_validate_on_is_refused_before_a_row_is_read))]
    ValidatesOnAnything,

    [CaughtBy(nameof(SchemaChecks.A_wrong_column_to_validate_on_is_refused_before_a_row_is_read))]
    ValidatesOnVectorsOfAnotherLength,

    [CaughtBy(nameof(SchemaChecks.A_wrong_column_to_validate_on_is_refused_before_a_row_is_read))]
    ChecksColumnsToValidateOnWhenItHasReadTheOthers,

    [CaughtBy(nameof(SchemaChecks.A_wrong_column_to_validate_on_is_refused_before_a_row_is_read))]
    DoesNotSayThatRowsToValidateOnAreWrong,

    // Point 3.
    [CaughtBy(nameof(PersistenceChecks.A_saved_model_loads_as_the_same_type))]
    LoadsAsAnotherType,

    // Point 4.
    [CaughtBy(nameof(SchemaChecks.The_row_mapper_keeps_the_input_schema_it_was_given))]
    MapperCopiesItsInputSchema,

    [CaughtBy(nameof(SchemaChecks.The_row_mapper_keeps_the_input_schema_it_was_given))]
    MapperLosesAnnotations,

    // Point 5.
    [CaughtBy(nameof(SchemaChecks.All_output_schemas_agree))]
    TransformedDataLoseAnnotations,

    [CaughtBy(nameof(SchemaChecks.All_output_schemas_agree))]
    LoadedModelRenamesItsSlots,

    // Point 6.
    [CaughtBy(nameof(PersistenceChecks.A_loaded_model_gives_the_values_of_the_original))]
    LoadedModelGivesOtherValues,

    [CaughtBy(nameof(PersistenceChecks.A_loaded_model_saves_as_the_same_file))]
    LoadedModelSavesOtherWeights,

    // Point 7.
    [CaughtBy(nameof(ScoringChecks.Values_do_not_depend_on_which_columns_are_active))]
    ScoreAloneIsWrong,

    [CaughtBy(nameof(ScoringChecks.Sparse_vectors_give_the_values_of_dense_ones))]
    TakesSparseVectorsForDenseOnes,

    // Point 8.
    [CaughtBy(nameof(ScoringChecks.Row_ids_are_stable_and_different))]
    IdsCollide,

    [CaughtBy(nameof(ScoringChecks.Row_ids_are_stable_and_different))]
    IdsDependOnTheColumns,

    [CaughtBy(nameof(ScoringChecks.The_cursor_has_the_schema_of_its_view))]
    CursorHasItsOwnSchema,

    // Point 9.
    [CaughtBy(nameof(SchemaChecks.The_promised_schema_is_the_delivered_one))]
    PromisesAnotherType,

    [CaughtBy(nameof(SchemaChecks.The_promised_schema_is_the_delivered_one))]
    PromisesAnnotationsThatDoNotCome,

    [CaughtBy(nameof(SchemaChecks.The_promised_schema_is_the_delivered_one))]
    DeliversAnnotationsItDidNotPromise,

    [CaughtBy(nameof(SchemaChecks.The_promised_schema_is_the_delivered_one))]
    ForgetsThePassedColumnsInItsPromise,

    // Point 10.
    [CaughtBy(nameof(PersistenceChecks.Disposing_the_loaded_model_leaves_the_original_working))]
    LoadedModelSharesMemoryWithTheOriginal,

    [CaughtBy(nameof(PersistenceChecks.Disposing_twice_is_harmless))]
    SecondDisposeThrows,

    // Point 11.
    [CaughtBy(nameof(ScoringChecks.Cursor_sets_give_the_same_rows))]
    CursorSetLosesRows,

    [CaughtBy(nameof(ScoringChecks.Shuffled_cursors_give_the_same_rows))]
    ShuffledRowsGetOtherValues,

    [CaughtBy(nameof(ScoringChecks.Shuffled_cursors_give_the_same_rows))]
    NeverShuffles,

    // Point 12.
    [CaughtBy(nameof(ScoringChecks.A_prediction_engine_gives_the_values_of_the_batch_path))]
    RowMapperGivesOtherValues,

    // Point 13.
    [CaughtBy(nameof(ScoringChecks.Cursors_of_one_view_do_not_disturb_each_other))]
    CursorsShareABuffer,

    [CaughtBy(nameof(ScoringChecks.Eight_threads_get_the_values_of_one))]
    ThreadsShareABuffer,

    // Point 14.
    [CaughtBy(nameof(ScoringChecks.Values_do_not_depend_on_the_batch_size))]
    ValuesDependOnTheBatchSize,

    // Point 15.
    [CaughtBy(nameof(PersistenceChecks.Another_process_loads_the_model))]
    LoadsOnlyWhereTheEstimatorWasMade,

    [CaughtBy(nameof(PersistenceChecks.Another_process_loads_the_model))]
    WeightsStayInTheProcess,

    // Point 16.
    [CaughtBy(nameof(FitChecks.The_same_seed_gives_the_same_model), nameof(CultureChecks.Another_culture_changes_nothing))]
    IgnoresTheSeed,

    [CaughtBy(nameof(FitChecks.Another_seed_gives_another_model))]
    HasOneSeedForAll,

    [CaughtBy(nameof(FitChecks.Fitting_twice_gives_two_independent_models))]
    SecondFitGivesTheFirstModel,

    [CaughtBy(nameof(FitChecks.Fitting_twice_gives_two_independent_models))]
    SecondFitRemembersTheFirst,

    // Point 17.
    [CaughtBy(nameof(FitChecks.Fitting_no_rows_is_a_clear_error))]
    FitsNoRows,

    [CaughtBy(nameof(FitChecks.Fitting_one_row_works_or_is_a_clear_error))]
    CrashesOnFittingOneRow,

    [CaughtBy(nameof(FitChecks.Fitting_one_row_more_than_a_batch_works))]
    CannotFitMoreThanABatch,

    [CaughtBy(nameof(ScoringChecks.No_rows_give_an_empty_view))]
    CannotTransformNoRows,

    [CaughtBy(nameof(ScoringChecks.One_row_is_scored))]
    CannotTransformOneRow,

    [CaughtBy(nameof(ScoringChecks.One_row_more_than_a_batch_is_scored))]
    LosesTheRowAfterAFullBatch,

    // Point 18.
    [CaughtBy(nameof(FitChecks.Fitting_numbers_that_are_not_finite_is_a_clear_error), nameof(RowChecks.A_vector_of_another_length_is_refused_by_name),
        nameof(FitChecks.A_fit_that_is_cancelled_while_it_reads_reads_no_further))]
    FitsNumbersThatAreNotFinite,

    [CaughtBy(nameof(FitChecks.Fitting_huge_numbers_never_gives_a_model_without_values))]
    HugeNumbersGiveASilentNaNModel,

    [CaughtBy(nameof(ScoringChecks.A_row_that_is_not_finite_gets_no_prediction))]
    CrashesOnScoringNaN,

    [CaughtBy(nameof(ScoringChecks.A_row_that_is_not_finite_gets_no_prediction))]
    PredictsALabelForNaN,

    [CaughtBy(nameof(ScoringChecks.A_row_that_is_not_finite_gets_no_prediction))]
    NaNSpoilsTheNextRow,

    // Point 19.
    [CaughtBy(nameof(FitChecks.Cancelling_from_another_thread_ends_the_fit_within_a_second))]
    IgnoresCancellation,

    [CaughtBy(
        nameof(FitChecks.Cancelling_from_another_thread_ends_the_fit_within_a_second),
        nameof(OptionChecks.Every_option_at_its_largest_value_can_be_cancelled_or_is_refused))]
    WrapsCancellation,

    [CaughtBy(nameof(FitChecks.Cancelling_from_another_thread_ends_the_fit_within_a_second))]
    WrapsItsSteps,

    [CaughtBy(nameof(FitChecks.Cancelling_from_another_thread_ends_the_fit_within_a_second))]
    CancellationIsSlow,

    [CaughtBy(nameof(FitChecks.Cancelling_from_another_thread_ends_the_fit_within_a_second))]
    CancelledFitKeepsATensor,

    [CaughtBy(nameof(FitChecks.A_fit_that_is_said_to_end_soon_ends_soon))]
    IsSaidToEndSoon,

    [CaughtBy(nameof(FitChecks.A_context_that_was_cancelled_does_not_fit), nameof(FitChecks.A_fit_that_is_cancelled_while_it_reads_reads_no_further))]
    FitsInACancelledContext,

    [CaughtBy(nameof(FitChecks.A_model_scores_in_a_context_that_was_cancelled))]
    DoesNotScoreInACancelledContext,

    // Point 20.
    [CaughtBy(nameof(PersistenceChecks.Damaged_weights_are_refused))]
    ReadsDamagedWeights,

    [CaughtBy(nameof(PersistenceChecks.Damaged_weights_are_refused))]
    AllocatesWhatAFileClaims,

    [CaughtBy(nameof(PersistenceChecks.Weights_cut_short_are_refused))]
    CrashesOnWeightsCutShort,

    [CaughtBy(nameof(PersistenceChecks.Weights_cut_short_are_refused))]
    IgnoresWhatFollowsTheWeights,

    // Point 21.
    [CaughtBy(nameof(Onnx.OnnxChecks.An_ONNX_model_gives_the_values_of_the_transformer))]
    OnnxModelGivesOtherValues,

    [CaughtBy(nameof(Onnx.OnnxChecks.An_ONNX_model_gives_the_values_of_the_transformer))]
    OnnxModelTakesOneRow,

    [CaughtBy(nameof(Onnx.OnnxChecks.An_ONNX_model_gives_the_values_of_the_transformer))]
    OnnxModelScoresNaN,

    [CaughtBy(nameof(Onnx.OnnxChecks.A_chain_is_written_as_one_ONNX_model_or_refused))]
    IsLeftOutOfAConvertedChain,

    // Point 23.
    [CaughtBy(nameof(RowChecks.A_vector_of_another_length_is_refused_by_name))]
    FitsVectorsOfAnotherLength,

    [CaughtBy(nameof(RowChecks.A_vector_of_another_length_is_refused_by_name))]
    AnswersWithTheRowBefore,

    // Point 26.
    [CaughtBy(nameof(RowChecks.After_an_exception_from_upstream_a_cursor_gives_no_more_rows))]
    GoesOnAfterAnException,

    // Point 27.
    [CaughtBy(nameof(FitChecks.A_fit_that_is_cancelled_while_it_reads_reads_no_further))]
    ReadsAllRowsBeforeItLooksWhetherItIsCancelled,

    [CaughtBy(nameof(OptionChecks.Every_option_that_takes_memory_works_at_its_largest_value_or_is_refused_with_the_bytes))]
    TakesMemoryWithoutAsking,

    [CaughtBy(nameof(OptionChecks.Every_option_that_takes_memory_works_at_its_largest_value_or_is_refused_with_the_bytes))]
    RefusesMemoryWithoutTheBytes,

    // Point 29.
    [CaughtBy(nameof(CultureChecks.Another_culture_changes_nothing))]
    ReadsNumbersAsTheCultureWritesThem,

    // Point 30.
    [CaughtBy(nameof(ExplanationChecks.The_importance_of_each_feature_is_found))]
    NamesAnotherColumnToExplanations,

    // Point 32.
    [CaughtBy(nameof(GeneratorChecks.A_generator_gives_the_same_rows_for_the_same_seed))]
    GeneratesOtherRowsWhenMoreAreMade,

    [CaughtBy(nameof(GeneratorChecks.A_generator_gives_the_same_rows_for_the_same_seed))]
    GeneratesOtherRowsWhenItWasLoaded,

    [CaughtBy(nameof(GeneratorChecks.Generated_rows_have_the_names_and_types_of_those_fitted))]
    GeneratesRowsOfAnotherName,

    // Style guide.
    [CaughtBy(nameof(PersistenceChecks.No_tensor_outlives_a_disposed_model))]
    KeepsATensorWhenDisposed,

    [CaughtBy(nameof(PersistenceChecks.No_tensor_outlives_a_disposed_model))]
    EveryCursorKeepsATensor,

    [CaughtBy(nameof(FitChecks.Fit_leaves_the_random_state_of_torch_as_it_found_it))]
    DrawsFromTorchsGenerator,

    [CaughtBy(nameof(FitChecks.Fit_leaves_the_random_state_of_torch_as_it_found_it))]
    CancelledFitDrawsFromTorchsGenerator,

    [CaughtBy(nameof(OptionChecks.Every_option_has_a_rule))]
    HasAnOptionWithoutARule,

    [CaughtBy(nameof(OptionChecks.The_default_options_construct))]
    HasADefaultThatBreaksItsRule,

    [CaughtBy(nameof(OptionChecks.Every_option_refuses_each_bad_value), nameof(OptionChecks.Every_option_that_must_not_be_null_refuses_null))]
    DoesNotCheckItsOptions,

    [CaughtBy(nameof(OptionChecks.Every_option_refuses_each_bad_value))]
    RefusesOptionsInOtherWords,

    [CaughtBy(nameof(OptionChecks.Every_option_that_must_not_be_null_refuses_null))]
    TakesNullForAnOption,

    [CaughtBy(nameof(OptionChecks.Options_are_copied_and_left_alone))]
    KeepsTheOptionsItWasGiven,

    [CaughtBy(nameof(OptionChecks.Options_are_copied_and_left_alone))]
    ChangesTheOptionsItWasGiven,

    [CaughtBy(nameof(OptionChecks.Search_ranges_fit_their_options))]
    HasARangeOfAnotherType,

    [CaughtBy(nameof(OptionChecks.Search_ranges_fit_their_options))]
    HasARangeWithAnotherStart,

    [CaughtBy(nameof(OptionChecks.Search_ranges_fit_their_options))]
    HasALogarithmicRangeFromZero,

    [CaughtBy(nameof(OptionChecks.Search_ranges_fit_their_options))]
    HasARangeThatStartsOutside,

    [CaughtBy(nameof(OptionChecks.Both_ends_of_every_search_range_can_be_fitted))]
    RefusesAnEndOfARange,
}

/// <summary>The checks that must find a fault; all others must pass.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class CaughtByAttribute(params string[] checks) : Attribute
{
    public string[] Checks { get; } = checks;
}
