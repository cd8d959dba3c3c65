using System.Reflection;
using System.Reflection.Emit;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Scores rows one by one through a <c>PredictionEngine</c>, with row classes made to measure.</summary>
internal static class RowClasses
{
    private static readonly ModuleBuilder Module =
        AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("MLNet.Papers.Tests.Rows"), AssemblyBuilderAccess.Run).DefineDynamicModule("Rows");

    private static readonly Dictionary<string, Type> Defined = [];

    /// <summary>The columns that the model adds, as a prediction engine delivers them.</summary>
    public static Table ScoreRowByRow(ITransformer model, MemoryView data)
    {
        DataViewSchema schema = model.GetOutputSchema(data.Schema);
        DataViewSchema.Column[] outputs = [.. schema.Skip(data.Schema.Count)];
        DataViewSchema.Column[] inputs = [.. model.GetRowToRowMapper(data.Schema).GetDependencies(outputs)];
        Type source = Define(inputs), result = Define(outputs);
        var score = Method(nameof(Score)).MakeGenericMethod(source, result)
            .CreateDelegate<Func<ITransformer, MemoryView, DataViewSchema.Column[], DataViewSchema.Column[], Dictionary<int, object[]>>>();
        Dictionary<int, object[]> values = score(model, data, inputs, outputs);
        return new Table(schema, [.. Enumerable.Range(0, data.Count).Select(_ => default(DataViewRowId))], values);
    }

    private static Dictionary<int, object[]> Score<TSource, TResult>(
        ITransformer model, MemoryView data, DataViewSchema.Column[] inputs, DataViewSchema.Column[] outputs)
        where TSource : class, new()
        where TResult : class, new()
    {
        var options = new PredictionEngineOptions
        {
            InputSchemaDefinition = Definition(typeof(TSource), inputs),
            OutputSchemaDefinition = Definition(typeof(TResult), outputs),
            IgnoreMissingColumns = false,
            OwnsTransformer = false,
        };
        using PredictionEngine<TSource, TResult> engine = new MLContext(seed: 1).Model.CreatePredictionEngine<TSource, TResult>(model, options);
        using DataViewRowCursor cursor = data.GetRowCursor(inputs);
        Action<TSource>[] fill = [.. inputs.Select(column => Dispatch<Action<TSource>>(nameof(Filler), typeof(TSource), column, cursor, column))];
        (int Index, Func<TResult, object> Read, List<object> Values)[] results =
            [
                .. outputs.Select(
                    column => (column.Index, Dispatch<Func<TResult, object>>(nameof(FieldReader), typeof(TResult), column, column), new List<object>())),
            ];
        var source = new TSource();
        var result = new TResult();
        while (cursor.MoveNext())
        {
            foreach (Action<TSource> column in fill)
                column(source);
            engine.Predict(source, ref result);
            foreach ((_, Func<TResult, object> read, List<object> values) in results)
                values.Add(read(result));
        }

        return results.ToDictionary(column => column.Index, column => column.Values.ToArray());
    }

    private static Action<TSource> Filler<TSource, TValue>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<TValue> getter = row.GetGetter<TValue>(column);
        FieldInfo field = typeof(TSource).GetField(column.Name)!;
        return source =>
        {
            TValue value = default!;
            getter(ref value);
            field.SetValue(source, value);
        };
    }

    private static Func<TResult, object> FieldReader<TResult, TValue>(DataViewSchema.Column column)
    {
        FieldInfo field = typeof(TResult).GetField(column.Name)!;
        return column.Type is VectorDataViewType vector
            ? Method(nameof(VectorFieldReader)).MakeGenericMethod(typeof(TResult), vector.ItemType.RawType)
                .CreateDelegate<Func<FieldInfo, Func<TResult, object>>>()(field)
            : result => Table.Plain((TValue)field.GetValue(result)!);
    }

    private static Func<TResult, object> VectorFieldReader<TResult, TItem>(FieldInfo field) => result => Table.Plain((VBuffer<TItem>)field.GetValue(result)!);

    private static T Dispatch<T>(string method, Type rowClass, DataViewSchema.Column column, params object[] arguments) =>
        (T)Method(method).MakeGenericMethod(rowClass, column.Type.RawType).Invoke(null, arguments)!;

    private static MethodInfo Method(string name) => typeof(RowClasses).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    // A public class with one field a column, of the very type that the column has in ML.NET.
    private static Type Define(DataViewSchema.Column[] columns)
    {
        string key = string.Join('\n', columns.Select(column => $"{column.Name}: {column.Type.RawType}"));
        if (Defined.TryGetValue(key, out Type? defined))
            return defined;
        TypeBuilder type = Module.DefineType($"Row{Defined.Count}", TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.Sealed);
        foreach (DataViewSchema.Column column in columns)
        {
            FieldBuilder field = type.DefineField(column.Name, column.Type.RawType, FieldAttributes.Public);
            if (column.Type is ImageDataViewType)
                field.SetCustomAttribute(new CustomAttributeBuilder(typeof(ImageTypeAttribute).GetConstructor([typeof(int), typeof(int)])!, [1, 1]));
        }

        return Defined[key] = type.CreateType();
    }

    private static SchemaDefinition Definition(Type rowClass, IEnumerable<DataViewSchema.Column> columns)
    {
        SchemaDefinition definition = SchemaDefinition.Create(rowClass);
        // ML.NET reads images from objects only under the type that their attribute names.
        foreach (DataViewSchema.Column column in columns.Where(column => column.Type is not ImageDataViewType))
            definition[column.Name].ColumnType = column.Type;
        return definition;
    }
}
