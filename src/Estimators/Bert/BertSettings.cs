using MLNet.Papers.Published;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>What the files beside a published encoder say of it; null where they say nothing.</summary>
internal sealed class BertSettings
{
    private static readonly string[] Sizes =
        ["vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings", "type_vocab_size"];

    private readonly string[] _folders;
    private readonly Dictionary<string, int> _numbers = [];
    private bool? _lowerCase, _stripAccents, _splitIdeographs;
    private long? _maxLength;

    private BertSettings(string[] folders) => _folders = folders;

    /// <summary>The file that describes the network; null if there is none.</summary>
    public string? ConfigPath { get; private set; }

    public int? Heads { get; private set; }

    public int? Layers => Number("num_hidden_layers");

    public BertGelu? Gelu { get; private set; }

    public double? Epsilon { get; private set; }

    public Pooling? Pooling { get; private set; }

    public bool Normalizes { get; private set; }

    /// <summary>A size that the description of the network gives.</summary>
    public int? Number(string field) => _numbers.TryGetValue(field, out int number) ? number : null;

    /// <summary>Reads the files beside a model; of one in a folder "onnx" also those above it.</summary>
    /// <exception cref="FormatException">A file is not JSON, or says something that is not supported; the message names the field.</exception>
    public static BertSettings Beside(string modelPath)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        var settings = new BertSettings(
            Path.GetFileName(folder) == "onnx" && Path.GetDirectoryName(folder) is { } above ? [folder, above] : [folder]);
        settings.ConfigPath = settings.FileBeside("config.json");
        settings.Read("config.json", settings.ReadConfig);
        settings.Read("tokenizer_config.json", settings.ReadTokenizer);
        settings.Read("tokenizer.json", root => settings.Shorten(root.Find("truncation")?.Find("max_length")?.Long()));
        settings.Read("sentence_bert_config.json", settings.ReadSentences);
        settings.Read("modules.json", settings.ReadModules);
        return settings;
    }

    /// <summary>The path of a file beside the model; null if there is none.</summary>
    public string? FileBeside(string name) => _folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>How texts are cut into words.</summary>
    public WordPieceRules Rules(PublishedBertOptions options, WordPieceVocabulary vocabulary) => WordPieceRules.Of(
        options.Convention ?? WordPieceConvention.HuggingFace, options.LowerCase ?? _lowerCase ?? !vocabulary.HasCapitals,
        options.StripAccents ?? _stripAccents, options.SplitIdeographs ?? _splitIdeographs ?? true, options.MaxWordLength);

    /// <summary>The most pieces of a text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The user wants more than there are positions.</exception>
    /// <exception cref="FormatException">The files say fewer than a text has at least.</exception>
    public int MaxLength(PublishedBertOptions options, int positions)
    {
        if (options.MaxLength > positions)
        {
            throw new ArgumentOutOfRangeException(nameof(options),
                FormattableString.Invariant($"{nameof(PublishedBertOptions)}.{nameof(options.MaxLength)} must be at most {positions}, ") +
                FormattableString.Invariant($"the positions of the network, but was {options.MaxLength}."));
        }

        long most = Math.Min(options.MaxLength ?? _maxLength ?? positions, positions);
        return most >= BertModel.LeastLength ? (int)most : throw new FormatException(
            $"A text may have {most} pieces, by the files of the model, but must have {BertModel.LeastLength} at least.");
    }

    private void Read(string name, Action<JsonField> read)
    {
        if (FileBeside(name) is not { } path)
            return;
        JsonField.Read(path, root =>
        {
            read(root);
            return true;
        });
    }

    private void ReadConfig(JsonField root)
    {
        if (root.Find("model_type")?.Text() is { } type && type != "bert")
            throw new FormatException($"'{ConfigPath}': model_type is '{type}', but must be 'bert'.");
        if (root.Find("position_embedding_type")?.Text() is { } positions && positions != "absolute")
            throw new FormatException($"'{ConfigPath}': position_embedding_type is '{positions}', but must be 'absolute'.");
        Gelu = root.Find("hidden_act")?.Text() switch
        {
            null => null,
            "gelu" or "gelu_python" => BertGelu.Erf,
            "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => BertGelu.Tanh,
            string other => throw new FormatException($"'{ConfigPath}': hidden_act is '{other}', but must be 'gelu' or 'gelu_new'."),
        };
        Heads = root.Find("num_attention_heads")?.Integer();
        Epsilon = root.Find("layer_norm_eps")?.Number();
        foreach (string field in Sizes)
        {
            if (root.Find(field)?.Integer() is { } number)
                _numbers[field] = number;
        }
    }

    private void ReadTokenizer(JsonField root)
    {
        _lowerCase = root.Find("do_lower_case")?.Boolean();
        _stripAccents = root.Find("strip_accents")?.Boolean();
        _splitIdeographs = root.Find("tokenize_chinese_chars")?.Boolean();
        // Where there is no limit the file has a number beyond all numbers.
        if (root.Find("model_max_length")?.Number() is { } most && most < int.MaxValue)
            Shorten((long)most);
    }

    private void ReadSentences(JsonField root)
    {
        Shorten(root.Find("max_seq_length")?.Long());
        if (root.Find("do_lower_case")?.Boolean() == true)
            _lowerCase = true;
    }

    private void ReadModules(JsonField root)
    {
        foreach (JsonField module in root.Items())
        {
            string type = module["type"].Text().Split('.')[^1];
            if (type == "Pooling")
                ReadPoolingIn(module["path"].Text());
            else if (type == "Normalize")
                Normalizes = true;
            else if (type != "Transformer")
                throw new FormatException($"'{FileBeside("modules.json")}' has a module {type}, which is not read; Transformer, Pooling and Normalize are.");
        }
    }

    private void ReadPoolingIn(string folder)
    {
        string name = Path.Combine(folder, "config.json");
        if (Path.IsPathRooted(name) || FileBeside(name) is null)
            throw new FormatException($"'{FileBeside("modules.json")}' has a Pooling in '{folder}', but there is no config.json beside the model.");
        Read(name, ReadPooling);
    }

    private void ReadPooling(JsonField root)
    {
        const string prefix = "pooling_mode_";
        string[] modes = [.. root.Members().Where(member => member.Name.StartsWith(prefix, StringComparison.Ordinal) && member.Value.Boolean())
            .Select(member => member.Name[prefix.Length..])];
        Pooling = modes switch
        {
            ["cls_token"] => Papers.Pooling.First,
            ["mean_tokens"] => Papers.Pooling.Mean,
            ["max_tokens"] => Papers.Pooling.Max,
            _ => throw new FormatException(
                $"The pooling of the model is [{string.Join(", ", modes)}], but must be one of cls_token, mean_tokens and max_tokens."),
        };
    }

    private void Shorten(long? most) => _maxLength = most is null ? _maxLength : Math.Min(most.Value, _maxLength ?? long.MaxValue);
}
