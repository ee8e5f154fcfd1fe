using System.Text.Json.Nodes;
using Importer.Training.Data;
using PretrainedTokenizers;
using Tests.Shared;

namespace Importer.Training.Tests.Data;

public sealed class TokenDatasetTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Opens_a_directory_of_nanogpt_with_its_characters()
    {
        File.Copy(Path.Combine(Repository.Fixture("tokenizer-char"), "meta.pkl"), _directory["meta.pkl"]);
        File.WriteAllBytes(_directory["train.bin"], [1, 0, 2, 0, 3, 0]);
        File.WriteAllBytes(_directory["val.bin"], [4, 0]);
        using var data = TokenDataset.Open(_directory.Path);
        Assert.Equal((3, 1), (data.Train.Count, data.Val.Count));
        Assert.IsType<CharTokenizer>(data.Tokenizer);
        Assert.Equal(data.Tokenizer!.VocabularySize, data.VocabularySize);
        Assert.Equal(data.VocabularySize, data.Train.VocabularySize);
        Assert.Null(data.Meta);
    }

    [Fact]
    public void Opens_a_directory_of_nanogpt_without_a_tokenizer()
    {
        Write([1, 2, 50256], [3]);
        using var data = TokenDataset.Open(_directory.Path);
        Assert.Null(data.Tokenizer);
        Assert.Null(data.VocabularySize);
        data.LimitTo(50304);
        data.Train.Read(0, new long[3]);
        data.LimitTo(50256);
        Assert.Throws<TokenOutOfRangeException>(() => data.Train.Read(0, new long[3]));
    }

    [Fact]
    public void A_model_with_fewer_ids_than_the_data_is_refused_at_once()
    {
        File.Copy(Path.Combine(Repository.Fixture("tokenizer-char"), "meta.pkl"), _directory["meta.pkl"]);
        Write([1], [1]);
        using var data = TokenDataset.Open(_directory.Path);
        Assert.Contains("and the model 5", Assert.Throws<DatasetFormatException>(() => data.LimitTo(5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_is_missing()
    {
        Assert.Contains("no such directory", Assert.Throws<DatasetNotFoundException>(() => TokenDataset.Open(_directory["none"])).Message, StringComparison.Ordinal);
        Assert.Equal(["train.bin", "val.bin"], Assert.Throws<DatasetNotFoundException>(() => TokenDataset.Open(_directory.Path)).Missing);
        File.WriteAllBytes(_directory["train.bin"], [1, 0]);
        Assert.Equal(["val.bin"], Assert.Throws<DatasetNotFoundException>(() => TokenDataset.Open(_directory.Path)).Missing);
        Assert.Contains("it is no directory", Assert.Throws<DatasetNotFoundException>(() => TokenDataset.Open(_directory["train.bin"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_every_empty_file()
    {
        Write([], []);
        Assert.Equal(["train.bin is empty", "val.bin is empty"], Assert.Throws<DatasetFormatException>(() => TokenDataset.Open(_directory.Path)).Problems);
    }

    [Fact]
    public void A_fingerprint_tells_what_changed()
    {
        Write([1, 2, 3], [4]);
        DatasetFingerprint before = Fingerprint();
        Assert.Equal(before, Fingerprint());
        Assert.Empty(Fingerprint().Differences(before));
        Write([1, 2, 4], [4]);
        Assert.StartsWith("content of the training data (SHA-256): was ", Assert.Single(Fingerprint().Differences(before)), StringComparison.Ordinal);
        Write([1, 2, 3], [4, 5]);
        Assert.Equal(["tokens for evaluation: was 1, is 2"], Fingerprint().Differences(before));
    }

    [Fact]
    public async Task A_prepared_directory_is_checked_against_its_description()
    {
        string prepared = await Prepare();
        using (var data = TokenDataset.Open(prepared))
        {
            Assert.Equal(data.Meta!.Train.Sha256, data.ComputeFingerprint().TrainSha256);
            Assert.Equal(data.Meta.Tokenizer.Sha256, data.ComputeFingerprint().Tokenizer);
        }

        byte[] train = File.ReadAllBytes(Path.Combine(prepared, "train.bin"));
        train[10] ^= 1;
        File.WriteAllBytes(Path.Combine(prepared, "train.bin"), train);
        using (var data = TokenDataset.Open(prepared))
        {
            Assert.Contains("meta.json says", Assert.Throws<DatasetFormatException>(() => data.ComputeFingerprint()).Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(Path.Combine(prepared, "train.bin"), train[..^2]);
        Assert.Contains("train.bin has 89 tokens, and meta.json says 90", Assert.Throws<DatasetFormatException>(() => TokenDataset.Open(prepared)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format", "\"prepared-dataset/2\"", "its format is prepared-dataset/2")]
    [InlineData("dtype", "\"float\"", "dtype is float")]
    [InlineData("dtype", "null", "not valid")]
    [InlineData("vocab_size", "0", "vocab_size is 0")]
    [InlineData("vocab_size", "65537", "vocab_size is 65537")]
    [InlineData("train", "{\"tokens\":-1,\"sha256\":\"\"}", "train is not a count")]
    [InlineData("train", "null", "not valid")]
    [InlineData("tokenizer", "{\"kind\":\"x\",\"sha256\":\"\",\"eos\":null}", "tokenizer.kind is x")]
    [InlineData("tokenizer", "{\"kind\":\"char\",\"sha256\":\"00\",\"eos\":null}", "not the one that meta.json names")]
    public async Task A_damaged_description_is_refused(string name, string value, string problem)
    {
        string path = Path.Combine(await Prepare(), "meta.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json[name] = JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString());
        Assert.Contains(problem, Assert.Throws<DatasetFormatException>(() => TokenDataset.Open(Path.GetDirectoryName(path)!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_description_that_is_no_json_is_refused_and_one_of_a_tokenizer_is_not_taken_for_one()
    {
        string prepared = await Prepare(), path = Path.Combine(prepared, "meta.json");
        string whole = File.ReadAllText(path);
        foreach (int length in new[] { 0, 1, whole.Length / 2, whole.Length - 2 })
        {
            File.WriteAllText(path, whole[..length]);
            Assert.Throws<DatasetFormatException>(() => TokenDataset.Open(prepared));
        }

        CharTokenizer.FromText("abc\n").Save(path);
        File.Delete(Path.Combine(prepared, "meta.pkl"));
        using var data = TokenDataset.Open(prepared);
        Assert.Null(data.Meta);
        Assert.Equal(4, data.VocabularySize);
    }

    private async Task<string> Prepare()
    {
        File.WriteAllText(_directory["text.txt"], string.Concat(Enumerable.Repeat("abc defgh\n", 10)));
        return (await DatasetPreparer.PrepareAsync(_directory["text.txt"], _directory["prepared"])).Directory;
    }

    private void Write(ushort[] train, ushort[] val)
    {
        File.WriteAllBytes(_directory["train.bin"], [.. train.SelectMany(BitConverter.GetBytes)]);
        File.WriteAllBytes(_directory["val.bin"], [.. val.SelectMany(BitConverter.GetBytes)]);
    }

    private DatasetFingerprint Fingerprint()
    {
        using var data = TokenDataset.Open(_directory.Path);
        return data.ComputeFingerprint();
    }
}
