using System.Globalization;

namespace HuggingFace.Hub.FakeHub;

/// <summary>A repository on the fake hub.</summary>
public sealed class FakeRepo(string id, string plural = "models")
{
    private int _commits;

    public string Id { get; } = id;

    public string Plural { get; } = plural;

    public Dictionary<string, IReadOnlyList<FakeFile>> Commits { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Refs { get; } = new(StringComparer.Ordinal);

    /// <summary>The token that it takes to see a private repository.</summary>
    public string? Token { get; set; }

    public bool Gated { get; set; }

    public bool Disabled { get; set; }

    /// <summary>Adds a commit and lets branches point to it.</summary>
    public string Commit(IEnumerable<FakeFile> files, params string[] branches)
    {
        string commit = string.Create(CultureInfo.InvariantCulture, $"{++_commits:x2}") + new string('c', 38);
        Commits[commit] = [.. files];
        foreach (string branch in branches.Length == 0 ? ["main"] : branches)
        {
            Refs[branch] = commit;
        }

        return commit;
    }

    public string? Resolve(string revision) =>
        Commits.ContainsKey(revision) ? revision : Refs.GetValueOrDefault(revision);

    public FakeFile? Find(string commit, string path) => Commits[commit].FirstOrDefault(file => file.Path == path);
}
