namespace HuggingFace.Hub.Client.Tests;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("model.safetensors", "*.safetensors", true)]
    [InlineData("sub/model.safetensors", "*.safetensors", true)]
    [InlineData("model.safetensors.index.json", "*.safetensors", false)]
    [InlineData("tokenizer_config.json", "tokenizer*", true)]
    [InlineData("Config.json", "config.json", false)]
    [InlineData("onnx/model.onnx", "onnx/", true)]
    [InlineData("onnx/a/b", "onnx\\", true)]
    [InlineData("onnx", "onnx/", false)]
    [InlineData("f1.bin", "f?.bin", true)]
    [InlineData("f12.bin", "f?.bin", false)]
    [InlineData("fa", "f[a-c]", true)]
    [InlineData("fd", "f[a-c]", false)]
    [InlineData("fd", "f[!a-c]", true)]
    [InlineData("f]", "f[]]", true)]
    [InlineData("f[", "f[", true)]
    [InlineData("", "*", true)]
    [InlineData("abcabd", "*abd", true)]
    [InlineData("a", "", false)]
    public void Matches_as_pythons_fnmatch_does(string path, string pattern, bool expected) =>
        Assert.Equal(expected, PathPattern.Matches(path, pattern));

    [Fact]
    public void Allowed_first_then_ignored()
    {
        string[] paths = ["a.json", "b.json", "c.bin"];

        Assert.Equal(["a.json"], paths.Where(path => PathPattern.Selects(path, ["*.json"], ["b*"])));
        Assert.Equal(paths, paths.Where(path => PathPattern.Selects(path, null, null)));
        Assert.DoesNotContain(paths, path => PathPattern.Selects(path, [], null));
    }

    [Fact]
    public void Many_stars_do_not_explode()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 200)) + "b";

        Assert.False(PathPattern.Matches(new string('a', 4000), pattern));
    }
}
