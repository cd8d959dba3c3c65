using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

[assembly: LoadableClass(
    typeof(ITransformer), typeof(ModelPersistence), null, typeof(SignatureLoadModel), "MLNet.Papers model", ModelPersistence.LoaderSignature)]

namespace MLNet.Papers.Interop;

/// <summary>The one place where ML.NET's model format is spoken.</summary>
/// <remarks>
/// A model's folder in the .zip holds ML.NET's header, which names this assembly and <see cref="LoaderSignature"/>, the simple name of the
/// assembly that the transformer lives in, its contract name, and a stream called Weights. ML.NET loads this assembly by the name in the
/// header and calls <see cref="Create"/>: an application that references the package needs no registration.
/// </remarks>
internal static class ModelPersistence
{
    /// <summary>ML.NET allows 24 characters and no spaces.</summary>
    internal const string LoaderSignature = "MLNetPapers";

    private const string WeightsStream = "Weights";
    private const string OwnAssemblies = "MLNet.Papers.";

    private static VersionInfo Version { get; } = new(
        modelSignature: "MLPAPERS",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(ModelPersistence).Assembly.FullName,
        loaderSignature: LoaderSignature);

    /// <summary>Writes a transformer into its folder of the .zip.</summary>
    /// <exception cref="InvalidOperationException">The transformer's type is not declared by a <see cref="LoadableModelAttribute"/>.</exception>
    public static void Save(ModelSaveContext context, IPersistentModel model)
    {
        Type type = model.GetType();
        LoadableModelAttribute declaration = Declarations(type.Assembly).SingleOrDefault(candidate => candidate.ModelType == type)
            ?? throw new InvalidOperationException($"{type} cannot be saved: its assembly declares no LoadableModel for it.");
        context.CheckAtModel();
        context.SetVersionInfo(Version);
        context.SaveNonEmptyString(type.Assembly.GetName().Name);
        context.SaveNonEmptyString(declaration.ContractName);
        context.SaveBinaryStream(WeightsStream, writer => model.Write(writer.BaseStream));
    }

    /// <summary>ML.NET finds this method by its name and parameters.</summary>
    /// <exception cref="FormatException">
    /// The file names a model that this version does not know, or its weights are missing or damaged. ML.NET calls this method by reflection, so that its own
    /// caller finds the exception inside a <see cref="TargetInvocationException"/>.
    /// </exception>
    internal static ITransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        context.CheckAtModel(Version);
        string assemblyName = context.LoadNonEmptyString();
        string contractName = context.LoadNonEmptyString();
        LoadableModelAttribute declaration = Find(assemblyName, contractName);
        ITransformer? model = null;
        context.TryLoadBinaryStream(WeightsStream, reader => model = declaration.Read(environment, reader.BaseStream));
        return model ?? throw new FormatException($"The model file holds no '{WeightsStream}' for '{contractName}'.");
    }

    // A file can name only assemblies of this package, and in them only declared models.
    private static LoadableModelAttribute Find(string assemblyName, string contractName)
    {
        LoadableModelAttribute? declaration = null;
        if (assemblyName.StartsWith(OwnAssemblies, StringComparison.Ordinal) && assemblyName.All(c => char.IsAsciiLetterOrDigit(c) || c == '.'))
        {
            try
            {
                declaration = Declarations(Assembly.Load(assemblyName)).SingleOrDefault(candidate => candidate.ContractName == contractName);
            }
            catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
            {
                // Falls through to the message below: the file names a room that this version of the package does not have.
            }
        }

        return declaration ?? throw new FormatException(
            $"The model file names the model '{contractName}' of '{assemblyName}', which this version of MLNet.Papers does not know.");
    }

    private static IEnumerable<LoadableModelAttribute> Declarations(Assembly assembly) => assembly.GetCustomAttributes<LoadableModelAttribute>();
}
