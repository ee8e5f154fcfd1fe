namespace HuggingFace.Hub.Client.Tests;

public sealed class RepoPathTests
{
    public static TheoryData<string> Hostile =>
    [
        "../../../etc/passwd", "folder/../../x", "..\\..\\x", "/etc/passwd", "C:\\x", "C:/x", "D:rel", "\\\\host\\share\\x", "\\x",
            "folder/C:\\x",
        "folder/\\\\h\\s\\x", "folder/\\x", "", ".", "..", "a//b", "a/./b", "a/", "a\0b", "a\nb", "a\u007fb", "a\u009b31mb", "folder/D:x",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Refuses_on_every_system(string path)
    {
        foreach (PathRules rules in new[] { PathRules.Posix, PathRules.Mac, PathRules.Windows })
        {
            HubPathException error = Assert.Throws<HubPathException>(() => RepoPath.Check(path, rules, "in a test"));
            Assert.Equal(path, error.Name);
            Assert.DoesNotContain('\0', error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void Refuses_what_is_no_unicode() =>
        Assert.Throws<HubPathException>(() => RepoPath.Check("a\ud800b", PathRules.Posix, "in a test"));

    [Theory]
    [InlineData("path/in/repo.txt")]
    [InlineData("weird but valid/name.txt")]
    [InlineData("..a/b..")]
    [InlineData("ünïcødé/日本語 😀.bin")]
    [InlineData(".gitattributes")]
    [InlineData("console/auxiliary.txt")]
    [InlineData("comma.txt")]
    public void Accepts_on_every_system(string path)
    {
        foreach (PathRules rules in new[] { PathRules.Posix, PathRules.Mac })
        {
            RepoPath.Check(path, rules, "in a test");
        }

        if (!path.EndsWith('.'))
        {
            RepoPath.Check(path, PathRules.Windows, "in a test");
        }
    }

    [Theory]
    [InlineData("NUL")]
    [InlineData("nul")]
    [InlineData("CON")]
    [InlineData("con.txt")]
    [InlineData("folder/AUX/x")]
    [InlineData("COM1")]
    [InlineData("LPT9.log")]
    [InlineData("COM\u00b9")]
    [InlineData("CONIN$")]
    [InlineData("CON .txt")]
    [InlineData("trailing.")]
    [InlineData("trailing ")]
    [InlineData("dir./x")]
    [InlineData("name:stream")]
    [InlineData("what?")]
    [InlineData("a*b")]
    [InlineData("a\"b")]
    [InlineData("a|b")]
    [InlineData("<a>")]
    public void Refuses_what_means_something_else_on_windows(string path)
    {
        Assert.Throws<HubPathException>(() => RepoPath.Check(path, PathRules.Windows, "in a test"));
        RepoPath.Check(path, PathRules.Posix, "in a test");
    }

    [Fact]
    public void Refuses_two_names_that_are_one_file_where_case_does_not_count()
    {
        string[] paths = ["Model.bin", "model.BIN"];

        HubPathException error = Assert.Throws<HubPathException>(() => RepoPath.CheckCollisions(paths, PathRules.Windows, "in a test"));
        Assert.Contains("Model.bin", error.Message, StringComparison.Ordinal);
        Assert.Throws<HubPathException>(() => RepoPath.CheckCollisions(paths, PathRules.Mac, "in a test"));
        RepoPath.CheckCollisions(paths, PathRules.Posix, "in a test");
    }

    [Theory]
    [InlineData("main", null)]
    [InlineData("refs/pr/1", null)]
    [InlineData("v1.0", null)]
    [InlineData("../x", "..")]
    [InlineData("", "empty")]
    [InlineData("/x", "absolute")]
    [InlineData("a\nb", "control")]
    public void Revisions_follow_the_same_rules(string revision, string? fault)
    {
        if (fault is null)
        {
            Assert.Equal(revision, RevisionName.Check(revision, PathRules.Posix));
        }
        else
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => RevisionName.Check(revision, PathRules.Posix));
            Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        }
    }
}
