using System.Numerics.Tensors;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MLNet.Papers.Bert;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Samples.Bert;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Published encoders: two real ones against their own graphs, small ones in each format, and what is wrong with files.</summary>
[TestClass]
public sealed class PublishedBertFidelityTests
{
    private static readonly string[] Sentences =
    [
        "That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day", "", "Kantō lǜshi, naïve — 日本語!",
        string.Join(' ', Enumerable.Repeat("one step at a time,", 40)), string.Join(' ', Enumerable.Repeat("far too long", 400)),
    ];

    private static MemoryView Texts => new([MemoryColumn.Texts("Text", Sentences)]);

    // First values and cosines of all-MiniLM-L6-v2, as the published model gives them.
    [TestMethod]
    public void A_published_encoder_gives_the_published_values()
    {
        float[][] vectors = Vectors(PackagedEncoder.MiniLM, new() { Pooling = Pooling.Mean, Normalize = true });
        CollectionAssert.AreEqual(new[] { -0.033877f, 0.091942f, 0.048701f }, vectors[0][..3], Near(2e-6f));
        CollectionAssert.AreEqual(
            new[] { 0.6946f, 0.9429f, 0.2569f }, vectors[1..4].Select(other => TensorPrimitives.Dot<float>(vectors[0], other)).ToArray(), Near(6e-5f));
    }

    [TestMethod]
    [DataRow("MiniLM", Pooling.Mean)]
    [DataRow("ArcticXs", Pooling.First)]
    public void A_published_encoder_gives_what_its_own_graph_gives(string name, Pooling pooling)
    {
        PackagedEncoder encoder = name == "MiniLM" ? PackagedEncoder.MiniLM : PackagedEncoder.ArcticXs;
        float[][] vectors = Vectors(encoder, new() { Pooling = pooling, Normalize = false });
        using var session = new InferenceSession(encoder.ModelPath);
        var tokenizer = new WordPieceTokenizer(WordPieceVocabulary.Load(encoder.VocabularyPath), new());
        for (int i = 0; i < Sentences.Length; i++)
        {
            var pieces = new List<WordPiece>();
            tokenizer.Tokenize(Sentences[i], pieces);
            long[] ids = [101, .. pieces.Take(510).Select(piece => (long)piece.Id), 102];
            float[] top = Run(session, ids);
            int size = top.Length / ids.Length;
            float[] expected = pooling == Pooling.First
                ? top[..size]
                : [.. Enumerable.Range(0, size).Select(unit => (float)Enumerable.Range(0, ids.Length).Average(place => (double)top[(place * size) + unit]))];
            CollectionAssert.AreEqual(expected, vectors[i], Near(1e-5f), $"{name}, text {i}");
        }
    }

    [TestMethod]
    [DataRow(PublishedFormat.Safetensors, 0)]
    [DataRow(PublishedFormat.Torch, 0)]
    [DataRow(PublishedFormat.OldTorch, 0)]
    [DataRow(PublishedFormat.Onnx, 0)]
    [DataRow(PublishedFormat.HalfSafetensors, 2e-3f)]
    [DataRow(PublishedFormat.BrainSafetensors, 2e-2f)]
    public void Each_format_gives_the_same_encoder(PublishedFormat format, float tolerance)
    {
        using var small = new SmallBert(gelu: BertGelu.Erf);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format);
        BertModel model = PublishedBert.Load(files.ModelPath, files.VocabularyPath, new()).Model;
        Assert.AreEqual(small.Model.Architecture, model.Architecture);
        foreach ((string name, _) in model.Architecture.Weights())
            CollectionAssert.AreEqual(small.Model.Weights[name], model.Weights[name], Near(tolerance), name);
    }

    [TestMethod]
    public void A_graph_says_how_many_heads_there_are_and_what_is_added_to_variances()
    {
        using var small = new SmallBert();
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Onnx);
        File.Delete(Path.Combine(files.Folder, "config.json"));
        BertModel model = PublishedBert.Load(files.ModelPath, null, new()).Model;
        Assert.AreEqual(small.Model.Architecture.Heads, model.Architecture.Heads);
        Assert.AreEqual(1e-12, model.Architecture.Epsilon, 1e-18);
        using PublishedBertFiles plain = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        File.Delete(Path.Combine(plain.Folder, "config.json"));
        AssertRefused(plain, "config.json", "Heads");
        Assert.AreEqual(3, PublishedBert.Load(plain.Folder, null, new() { Heads = 3 }).Model.Architecture.Heads);
    }

    [TestMethod]
    public void Older_and_longer_names_are_known_and_heads_of_tasks_are_passed_over()
    {
        using var small = new SmallBert();
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors, arrays =>
        [
            .. arrays.Select(array => array with
            {
                Name = "bert." + array.Name.Replace("LayerNorm.weight", "LayerNorm.gamma").Replace("LayerNorm.bias", "LayerNorm.beta"),
            }),
            new("cls.predictions.bias", [2], [1, 2]), new("classifier.weight", [1, 2], [1, 2]), new("bert.embeddings.position_ids", [2], [0, 1]),
        ]);
        BertModel model = PublishedBert.Load(files.Folder, null, new()).Model;
        foreach ((string name, _) in model.Architecture.Weights())
            CollectionAssert.AreEqual(small.Model.Weights[name], model.Weights[name], name);
    }

    [TestMethod]
    [DataRow(PublishedFormat.Safetensors)]
    [DataRow(PublishedFormat.Torch)]
    [DataRow(PublishedFormat.OldTorch)]
    public void What_predicts_hidden_pieces_is_read_with_the_encoder(PublishedFormat format)
    {
        using var small = new SmallBert();
        var architecture = MaskedWordArchitecture.Of(small.Model.Architecture);
        using WeightModule module = InitialWeights.Of(6, () => new WeightModule(architecture.AllWeights()));
        var weights = NetworkWeights.Of(architecture, module);
        NamedValues[] head =
            [.. architecture.AllWeights().Select(weight => new NamedValues($"cls.predictions.{weight.Name}", weight.Shape, weights[weight.Name]))];
        var table = new NamedValues(
            "cls.predictions.decoder.weight", [small.Model.Architecture.Pieces, 24], small.Model.Weights[BertArchitecture.Words]);
        MaskedWordHead? found = Load([.. head, table]);
        foreach (LayerWeight weight in architecture.AllWeights())
            CollectionAssert.AreEqual(weights[weight.Name], found!.Weights[weight.Name], weight.Name);
        Assert.IsNotNull(Load(head));
        Assert.IsNull(Load(head[1..]), "a part is missing");
        Assert.IsNull(Load([.. head, table with { Values = Array.ConvertAll(table.Values, value => 2 * value) }]), "outputs of their own");
        FormatException error = Assert.ThrowsExactly<FormatException>(() => Load([.. head[..^1], head[^1] with { Shape = [2], Values = [1, 2] }]));
        Assert.Contains("'cls.predictions.bias' has the shape [2], but must have", error.Message);

        MaskedWordHead? Load(NamedValues[] more)
        {
            using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format, arrays => [
                .. arrays.Select(array => array with { Name = $"bert.{array.Name}" }), .. more]);
            return PublishedBert.Load(files.Folder, null, new()).Head;
        }
    }

    [TestMethod]
    public void A_published_model_predicts_hidden_words()
    {
        using var small = new SmallBert();
        var architecture = MaskedWordArchitecture.Of(small.Model.Architecture);
        using WeightModule module = InitialWeights.Of(6, () => new WeightModule(architecture.AllWeights()));
        var weights = NetworkWeights.Of(architecture, module);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors, arrays =>
        [
            .. arrays, .. architecture.AllWeights().Select(weight => new NamedValues($"cls.predictions.{weight.Name}", weight.Shape, weights[weight.Name])),
        ]);
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = ml.Transforms.Text.ApplyBert("Features", "Text", files.Folder).Fit(Texts);
        Assert.IsTrue(bert.HasMaskedWordHead);
        using BertTransformer silent = small.Transformer();
        Assert.IsFalse(silent.HasMaskedWordHead);
        MaskedWordMetrics metrics = bert.EvaluateMaskedWords(Texts);
        Assert.IsTrue(double.IsFinite(metrics.Loss));
    }

    [TestMethod]
    public void What_lies_beside_a_model_is_kept_to()
    {
        using var small = new SmallBert();
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        BertModel plain = PublishedBert.Load(files.Folder, null, new()).Model;
        Assert.AreEqual((Pooling.Mean, false, 64, true), (plain.Pooling, plain.Normalizes, plain.MaxLength, plain.Rules.LowerCase));
        files.Write("modules.json", new JsonArray(
            Module("Transformer", ""), Module("Pooling", "1_Pooling"), Module("Normalize", "2_Normalize")));
        files.Write("1_Pooling/config.json", new JsonObject
        {
            ["word_embedding_dimension"] = 24,
            ["pooling_mode_cls_token"] = true,
            ["pooling_mode_mean_tokens"] = false,
        });
        files.Write("sentence_bert_config.json", new JsonObject { ["max_seq_length"] = 20, ["do_lower_case"] = false });
        files.Write("tokenizer_config.json", new JsonObject { ["do_lower_case"] = false, ["strip_accents"] = null, ["model_max_length"] = 1e30 });
        files.Write("tokenizer.json", new JsonObject { ["truncation"] = new JsonObject { ["max_length"] = 16 } });
        BertModel model = PublishedBert.Load(files.Folder, null, new()).Model;
        Assert.AreEqual((Pooling.First, true, 16), (model.Pooling, model.Normalizes, model.MaxLength));
        Assert.AreEqual((false, false), (model.Rules.LowerCase, model.Rules.StripAccents));
        BertModel other = PublishedBert.Load(files.Folder, null, new() { LowerCase = true, MaxLength = 40, Convention = WordPieceConvention.Google }).Model;
        Assert.AreEqual((true, true, 40, 200), (other.Rules.LowerCase, other.Rules.StripAccents, other.MaxLength, other.Rules.MaxWordLength));
        Assert.Contains(
            "64", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PublishedBert.Load(files.Folder, null, new() { MaxLength = 65 })).Message);

        // An export in a folder of its own.
        using PublishedBertFiles export = PublishedBertFiles.Make(small.Model, PublishedFormat.Onnx);
        string folder = Directory.CreateDirectory(Path.Combine(files.Folder, "onnx")).FullName;
        File.Delete(files.ModelPath);
        File.Copy(export.ModelPath, Path.Combine(folder, "model.onnx"));
        Assert.AreEqual(16, PublishedBert.Load(files.Folder, null, new()).Model.MaxLength);

        static JsonObject Module(string type, string path) => new() { ["type"] = $"sentence_transformers.models.{type}", ["path"] = path };
    }

    [TestMethod]
    [DataRow("model_type", "\"roberta\"", "'bert'")]
    [DataRow("hidden_act", "\"relu\"", "gelu")]
    [DataRow("position_embedding_type", "\"relative_key\"", "absolute")]
    [DataRow("hidden_size", "25", "24")]
    [DataRow("num_hidden_layers", "3", "2")]
    [DataRow("intermediate_size", "41", "40")]
    [DataRow("max_position_embeddings", "512", "64")]
    [DataRow("type_vocab_size", "1", "2")]
    [DataRow("vocab_size", "30522", "vocab_size")]
    [DataRow("num_attention_heads", "5", "5 heads")]
    [DataRow("num_attention_heads", "\"3\"", "num_attention_heads")]
    [DataRow("layer_norm_eps", "-1", "epsilon")]
    public void A_description_that_contradicts_is_refused(string field, string value, string named)
    {
        using var small = new SmallBert();
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        files.Describe(config => config[field] = JsonNode.Parse(value));
        AssertRefused(files, named);
    }

    [TestMethod]
    [DataRow(PublishedFormat.Safetensors)]
    [DataRow(PublishedFormat.Torch)]
    [DataRow(PublishedFormat.Onnx)]
    public void A_wrong_array_is_named(PublishedFormat format)
    {
        const string name = "encoder.layer.1.output.dense.bias", table = "embeddings.position_embeddings.weight";
        using var small = new SmallBert();
        Check(arrays => arrays.Where(array => array.Name != name), name, "no");
        Check(arrays => arrays.Where(array => array.Name != table), table);
        Check(arrays => Changed(arrays, name, array => array with { Shape = [23], Values = array.Values[..23] }), name, "[23]", "[24]");
        Check(arrays => Changed(arrays, name, array => array with { Values = [.. array.Values[..^1], float.NaN] }), name, "finite", "23");
        Check(arrays => [.. arrays, new("encoder.layer.1.attention.self.distance_embedding.weight", [1, 1], [1])], "distance_embedding", "[1, 1]");
        Check(arrays => Changed(arrays, "embeddings.word_embeddings.weight", array => array with { Name = "words" }), "word_embeddings", "arrays");

        void Check(Func<IEnumerable<NamedValues>, IEnumerable<NamedValues>> change, params string[] parts)
        {
            using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format, change);
            AssertRefused(files, parts);
        }

        static IEnumerable<NamedValues> Changed(IEnumerable<NamedValues> arrays, string name, Func<NamedValues, NamedValues> change) =>
            arrays.Select(array => array.Name == name ? change(array) : array);
    }

    [TestMethod]
    public void A_vocabulary_of_another_model_is_refused_with_both_sizes()
    {
        using var small = new SmallBert();
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        File.AppendAllText(files.VocabularyPath, "more\n");
        AssertRefused(files, $"{small.Model.Vocabulary.Count + 1}", $"{small.Model.Vocabulary.Count}");
        File.Delete(files.VocabularyPath);
        Assert.Contains("vocab.txt", Assert.Throws<IOException>(() => PublishedBert.Load(files.Folder, null, new())).Message);
    }

    [TestMethod]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", "'b'", "'a'")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,80]}}", "'a'", "80")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "'a'", "[3]")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", "'a'", "4294967296")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "'a'", "-2")]
    [DataRow("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "a.dtype", "field")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "'a'", "[8, 0]")]
    [DataRow("{\"a\":[]}", "a.dtype", "field")]
    [DataRow("{\"a\": 1", "header", "JSON")]
    public void A_header_of_safetensors_that_claims_what_is_not_there_is_refused(string header, string first, string second) =>
        AssertRefused(PublishedBertFiles.Safetensors(header, new byte[16]), first, second);

    [TestMethod]
    public void A_pickle_runs_nothing()
    {
        byte[] magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.', 0x80, 2, (byte)'M', 0xe9, 3, (byte)'.'];
        AssertRefused([.. magic, .. Encoding.ASCII.GetBytes("cposix\nsystem\n(X\u0004\u0000\u0000\u0000echotR.")], "posix.system", "not run");
        AssertRefused([.. magic, .. Encoding.ASCII.GetBytes("cbuiltins\neval\n)R.")], "builtins.eval", "not run");
        AssertRefused([.. magic, .. Encoding.ASCII.GetBytes("(icollections\nOrderedDict\n.")], "instruction", "0x69");
    }

    [TestMethod]
    public void Numbers_in_another_file_are_refused_by_name()
    {
        byte[] tensor = PublishedBertFiles.Message(fields => fields.Number(1, 2).Number(2, 1).Text(8, "far away").Bytes(13, []).Number(14, 1));
        byte[] graph = PublishedBertFiles.Message(fields => fields.Bytes(5, tensor));
        AssertRefused(PublishedBertFiles.Message(fields => fields.Number(1, 7).Text(2, "test").Bytes(7, graph)), "far away", "another file");
    }

    [TestMethod]
    [DataRow("<html>", "web page")]
    [DataRow("version https://git-lfs.github.com/spec/v1", "Git LFS")]
    [DataRow("", "empty")]
    public void A_file_that_is_something_else_is_called_so(string content, string kind) => AssertRefused(Encoding.ASCII.GetBytes(content), kind, "safetensors");

    private static float[][] Vectors(PackagedEncoder encoder, BertOutputOptions options)
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = ml.Transforms.Text.ApplyBert("Features", "Text", encoder.ModelPath, encoder.VocabularyPath, options).Fit(Texts);
        return [.. bert.Transform(Texts).GetColumn<float[]>("Features")];
    }

    private static float[] Run(InferenceSession session, long[] ids)
    {
        int[] shape = [1, ids.Length];
        NamedOnnxValue[] inputs =
        [
            .. session.InputNames.Select(input => NamedOnnxValue.CreateFromTensor(input, new DenseTensor<long>(
                input == "input_ids" ? ids : [.. ids.Select(_ => input == "attention_mask" ? 1L : 0)], shape))),
        ];
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(inputs);
        return [.. outputs.First(output => output.AsTensor<float>().Dimensions.Length == 3).AsEnumerable<float>()];
    }

    private static void AssertRefused(PublishedBertFiles files, params string[] parts)
    {
        FormatException error = Assert.ThrowsExactly<FormatException>(() => PublishedBert.Load(files.Folder, null, new()));
        foreach (string part in parts)
            Assert.Contains(part, error.Message);
    }

    private static void AssertRefused(byte[] bytes, params string[] parts)
    {
        using var small = new SmallBert();
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        File.WriteAllBytes(files.ModelPath, bytes);
        AssertRefused(files, parts);
    }

    private static Comparer<float> Near(float tolerance) =>
        Comparer<float>.Create((one, other) => Math.Abs(one - other) <= tolerance ? 0 : 1);
}
