using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Training;
using TorchSharp;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>An estimator that keeps the contract but for one fault.</summary>
internal sealed class FaultyEstimator : IEstimator<FaultyTransformer>
{
    private static readonly string OwnParameter = string.Concat("featuresOf", "TheStub");

    private readonly IHostEnvironment _environment;
    private readonly Fault _fault;
    private readonly StubOptions _given;
    private readonly StubOptions _options;
    private readonly int _seed;
    private ITransformer? _first;
    private float[]? _before;

    public FaultyEstimator(IHostEnvironment environment, Fault fault, StubOptions options)
    {
        WasMade = true;
        _environment = environment;
        _fault = fault;
        _given = options;
        if (fault == Fault.TakesNullForAnOption)
            options.Scales ??= [1, 1];
        _options = fault == Fault.KeepsTheOptionsItWasGiven ? options : (StubOptions)options.Copy();
        Validate();
        _seed = fault switch
        {
            Fault.IgnoresTheSeed => Random.Shared.Next(),
            Fault.HasOneSeedForAll => 42,
            _ => options.Seed ?? Host.Seed(environment) ?? Random.Shared.Next(),
        };
    }

    /// <summary>Whether there was such an estimator in this process.</summary>
    public static bool WasMade { get; private set; }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (_fault != Fault.CrashesOnNull)
            ArgumentNullException.ThrowIfNull(inputSchema, _fault == Fault.NamesAnotherArgumentForNull ? "input" : nameof(inputSchema));
        if (_fault != Fault.PromisesForAnyInput)
            new VectorColumn(StubTransformer.Features).Require(inputSchema);
        if (_fault == Fault.WantsColumnsItDoesNotRead && inputSchema.Count < 3)
            throw new ArgumentOutOfRangeException(nameof(inputSchema), "There must be a column 'Weight'.");
        SchemaShape.Column slotNames = SchemaShapes.Column("SlotNames", VectorKind.Vector, TextDataViewType.Instance);
        SchemaShape.Column keyValues = SchemaShapes.Column("KeyValues", VectorKind.Vector, TextDataViewType.Instance);
        SchemaShape.Column isNormalized = SchemaShapes.Column("IsNormalized", VectorKind.Scalar, BooleanDataViewType.Instance);
        bool forgets = _fault == Fault.ForgetsThePassedColumnsInItsPromise;
        return new SchemaShape(
        [
            .. inputSchema.Where(column => !forgets || column.Name == StubTransformer.Features),
            SchemaShapes.Column(StubTransformer.Score, VectorKind.Vector, NumberDataViewType.Single,
                annotations: _fault == Fault.DeliversAnnotationsItDidNotPromise ? [] : [slotNames]),
            SchemaShapes.Column(StubTransformer.PredictedLabel, VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, annotations: [keyValues]),
            SchemaShapes.Column(StubTransformer.Total,
                VectorKind.Scalar, _fault == Fault.PromisesAnotherType ? NumberDataViewType.Single : NumberDataViewType.Double,
                annotations: _fault == Fault.PromisesAnnotationsThatDoNotCome ? [isNormalized] : []),
        ]);
    }

    public FaultyTransformer Fit(IDataView input)
    {
        if (_fault != Fault.CrashesOnNull)
            ArgumentNullException.ThrowIfNull(input);
        CheckInput(input);
        if (_fault != Fault.ChecksColumnsToValidateOnWhenItHasReadTheOthers)
            CheckValidation(input);
        bool wasCancelled = IsCancelled();
        if (_fault != Fault.FitsInACancelledContext)
            Host.ThrowIfCanceled(_environment);
        RequireMemory();
        if (_fault == Fault.RefusesAnEndOfARange && _options.Steps == 100)
            throw new InvalidOperationException("There are too few rows for 100 steps.");
        float[] centre = Centre(input);
        CheckValidation(input);
        if (_fault == Fault.DrawsFromTorchsGenerator)
            torch.rand(1).Dispose();
        if (_fault == Fault.ChangesTheOptionsItWasGiven)
            _given.Note = "fitted";
        if (!wasCancelled)
            Learn();
        if (_fault == Fault.SecondFitGivesTheFirstModel && _first is not null)
            return (FaultyTransformer)_first;
        if (_fault == Fault.KeepsATensorWhenDisposed)
            FaultyTransformer.KeptTensors.Add(torch.zeros(1));
        var random = new Random(_seed);
        float[] weights = new float[StubTransformer.Classes * centre.Length];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)(_options.Scales[i % _options.Scales.Length] * (random.NextDouble() - 0.5));
        if (_fault == Fault.ReadsNumbersAsTheCultureWritesThem)
            weights[0] *= float.Parse("1.5", System.Globalization.CultureInfo.CurrentCulture);
        if (_fault == Fault.HugeNumbersGiveASilentNaNModel && centre.Any(value => Math.Abs(value) > 1e30))
            Array.Fill(weights, float.NaN);
        var model = new FaultyTransformer(_environment, new StubState(_fault, weights, centre));
        _first = model;
        return model;
    }

    private void Validate()
    {
        if (_fault == Fault.DoesNotCheckItsOptions)
            return;
        try
        {
            _options.Validate();
        }
        catch (ArgumentOutOfRangeException exception) when (_fault == Fault.RefusesOptionsInOtherWords)
        {
            throw new ArgumentOutOfRangeException(exception.ParamName, "Invalid parametrization.");
        }
    }

    private void RequireMemory()
    {
        try
        {
            TrainingMemory.Require(_options, sizeof(float) * (double)_options.Width, "its numbers");
        }
        catch (InvalidOperationException) when (_fault == Fault.TakesMemoryWithoutAsking)
        {
            throw new InsufficientMemoryException();
        }
        catch (InvalidOperationException) when (_fault == Fault.RefusesMemoryWithoutTheBytes)
        {
            throw new InvalidOperationException("Width is too large.");
        }
    }

    private void CheckInput(IDataView input)
    {
        try
        {
            new VectorColumn(StubTransformer.Features).Require(input.Schema);
        }
        catch (ArgumentOutOfRangeException) when (_fault == Fault.RefusesWithoutNamingTheColumn)
        {
            throw new InvalidOperationException("Schema mismatch.");
        }
        catch (ArgumentOutOfRangeException) when (_fault == Fault.RefusesWithTheNameOfAType)
        {
            throw new InvalidOperationException($"Column '{StubTransformer.Features}' must be {typeof(VBuffer<float>)}.");
        }
        catch (ArgumentOutOfRangeException exception) when (_fault == Fault.RefusesWithTheNameOfAParameterOfItsOwn)
        {
            throw new ArgumentOutOfRangeException(OwnParameter, exception.Message);
        }
    }

    private void CheckValidation(IDataView input)
    {
        if (_options.Validation is not { } rows || _fault == Fault.ValidatesOnAnything)
            return;
        int size = ((VectorDataViewType)input.Schema[StubTransformer.Features].Type).Size;
        try
        {
            new VectorColumn(StubTransformer.Features) { Length = _fault == Fault.ValidatesOnVectorsOfAnotherLength ? null : size }.Require(rows.Schema);
        }
        catch (ArgumentOutOfRangeException refusal) when (_fault != Fault.DoesNotSayThatRowsToValidateOnAreWrong)
        {
            throw new ArgumentOutOfRangeException($"{refusal.Message} It is in Validation.", refusal);
        }
    }

    private float[] Centre(IDataView input)
    {
        float[] features = _fault == Fault.FitsNumbersThatAreNotFinite
            ? [.. Table.Read(input, [input.Schema[StubTransformer.Features]]).Columns.Values.Single().SelectMany(row => (float[])row)]
            : ReadFeatures(input);
        int size = ((VectorDataViewType)input.Schema[StubTransformer.Features].Type).Size, rows = features.Length / size;
        if (rows == 0 && _fault != Fault.FitsNoRows)
            throw new InvalidOperationException($"Column '{StubTransformer.Features}' must have at least 1 row, but has none.");
        if (rows == 1 && _fault == Fault.CrashesOnFittingOneRow)
            throw new DivideByZeroException();
        if (rows > 32 && _fault == Fault.CannotFitMoreThanABatch)
            throw new InvalidOperationException("Too many rows.");
        float[] centre = new float[size];
        for (int i = 0; i < size && rows > 0; i++)
            centre[i] = (float)Enumerable.Range(0, rows).Average(row => (double)features[(row * size) + i]);
        if (_fault == Fault.SecondFitRemembersTheFirst && _before is not null)
            centre = [.. centre.Zip(_before, (now, before) => (now + before) / 2)];
        _before = centre;
        return centre;
    }

    private float[] ReadFeatures(IDataView input)
    {
        try
        {
            return LabelledRows.ReadFeatures(input, new FeatureColumn(StubTransformer.Features, Image: null), Check);
        }
        catch (InvalidOperationException exception) when (
            _fault == Fault.FitsVectorsOfAnotherLength && exception.Message.Contains("values in every row", StringComparison.Ordinal))
        {
            return new float[((VectorDataViewType)input.Schema[StubTransformer.Features].Type).Size];
        }
    }

    private void Check()
    {
        if (_fault is not (Fault.ReadsAllRowsBeforeItLooksWhetherItIsCancelled or Fault.FitsInACancelledContext))
            Host.ThrowIfCanceled(_environment);
    }

    // Learns nothing, but can be cancelled between two steps.
    private void Learn()
    {
        long steps = _fault == Fault.WrapsItsSteps ? unchecked(_options.Steps + 1) : _options.Steps;
        for (long step = 0; step < steps; step++)
        {
            _options.Started?.Invoke();
            if (!IsCancelled())
                continue;
            switch (_fault)
            {
                case Fault.IgnoresCancellation:
                    return;
                case Fault.WrapsCancellation:
                    throw new InvalidOperationException("Training failed.", new OperationCanceledException());
                case Fault.CancellationIsSlow:
                    long start = Stopwatch.GetTimestamp();
                    SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start).TotalSeconds > 1.1);
                    break;
                case Fault.CancelledFitKeepsATensor:
                    FaultyTransformer.KeptTensors.Add(torch.zeros(1));
                    break;
                case Fault.CancelledFitDrawsFromTorchsGenerator:
                    torch.rand(1).Dispose();
                    break;
            }

            Host.ThrowIfCanceled(_environment);
        }
    }

    private bool IsCancelled()
    {
        try
        {
            Host.ThrowIfCanceled(_environment);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
