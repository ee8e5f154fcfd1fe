namespace HuggingFace.Hub.Client.Tests;

public sealed class RepoIdTests
{
    [Theory]
    [InlineData("foo")]
    [InlineData("foo/bar")]
    [InlineData("123")]
    [InlineData("Foo-BAR_foo.bar123")]
    [InlineData("openai-community/gpt2")]
    public void Accepts_what_the_hub_accepts(string id)
    {
        RepoId repo = id;

        Assert.Equal(id, repo.Id);
        Assert.True(RepoId.TryParse(id, out _));
        Assert.Equal(repo, RepoId.FromFolderName(repo.FolderName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("datasets/foo/bar")]
    [InlineData(".x")]
    [InlineData("x.")]
    [InlineData("-x")]
    [InlineData("a--b")]
    [InlineData("a..b")]
    [InlineData("x.git")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a b")]
    [InlineData("a/../b")]
    [InlineData("ä")]
    [InlineData("a\\b")]
    [InlineData("C:")]
    public void Rejects_what_the_hub_rejects(string id)
    {
        Assert.Throws<ArgumentException>(() => new RepoId(id));
        Assert.False(RepoId.TryParse(id, out _));
    }

    [Fact]
    public void Has_at_most_96_characters()
    {
        Assert.True(RepoId.TryParse(new string('a', 96), out _));
        Assert.Throws<ArgumentException>(() => new RepoId(new string('a', 100)));
    }

    [Fact]
    public void Case_is_kept_and_counts() => Assert.NotEqual(new RepoId("GPT2"), new RepoId("gpt2"));

    [Theory]
    [InlineData("models--gpt2", "gpt2")]
    [InlineData("datasets--a--b", "datasets/a/b")]
    [InlineData("spaces--a--b", "spaces/a/b")]
    [InlineData("blobs", null)]
    [InlineData("kernels--a--b", null)]
    [InlineData("models--", null)]
    [InlineData("models--..", null)]
    public void Folder_names_are_read_back(string folder, string? id) => Assert.Equal(id, RepoId.FromFolderName(folder)?.ToString());
}
