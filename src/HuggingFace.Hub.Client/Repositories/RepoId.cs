using System.Diagnostics.CodeAnalysis;

namespace HuggingFace.Hub.Client;

/// <summary>
/// The name of a repository on the hub: <c>name</c> or <c>owner/name</c>, with its kind. A string converts implicitly to the id of
/// a model. The rules are those of huggingface_hub's <c>validate_repo_id</c>: 1 to 96 letters, digits, <c>-</c>, <c>_</c>,
/// <c>.</c>; parts neither begin nor end with <c>-</c> or <c>.</c>; no <c>--</c>, no <c>..</c>, no <c>.git</c> at the end.
/// </summary>
public sealed record RepoId
{
    private const int MaxLength = 96;

    /// <summary>Checks the id and makes it.</summary>
    /// <param name="id"><c>name</c> or <c>owner/name</c>.</param>
    /// <param name="type">The kind of repository.</param>
    /// <exception cref="ArgumentException">The id breaks the hub's rules.</exception>
    public RepoId(string id, RepoType type = RepoType.Model)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown kind of repository.");
        }

        if (FindFault(id) is { } fault)
        {
            throw new ArgumentException(
                $"'{Redaction.Escape(id)}' is no repository id: {fault}. Use 'name' or 'owner/name', without a prefix (see RepoType).",
                nameof(id));
        }

        Id = id;
        Type = type;
    }

    /// <summary><c>name</c> or <c>owner/name</c>, letters in the case in which they were given.</summary>
    public string Id { get; }

    /// <summary>The kind of repository.</summary>
    public RepoType Type { get; }

    /// <summary>The name of the directory in the cache, such as <c>models--openai-community--gpt2</c>.</summary>
    internal string FolderName => $"{Plural}--{Id.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary><c>models</c>, <c>datasets</c> or <c>spaces</c>, as in <c>/api/models/…</c>.</summary>
    internal string Plural => Type switch
    {
        RepoType.Dataset => "datasets",
        RepoType.Space => "spaces",
        _ => "models",
    };

    /// <summary>The id with the prefix that URLs of its kind have: <c>datasets/owner/name</c>; models have none.</summary>
    internal string UrlPath => Type == RepoType.Model ? Id : $"{Plural}/{Id}";

    /// <summary>A model's id from a string; the same as the constructor.</summary>
    /// <param name="id"><c>name</c> or <c>owner/name</c>.</param>
    /// <returns>The id of a model.</returns>
    /// <exception cref="ArgumentException">The id breaks the hub's rules.</exception>
    public static implicit operator RepoId(string id) => FromString(id);

    /// <summary>A model's id from a string.</summary>
    /// <param name="id"><c>name</c> or <c>owner/name</c>.</param>
    /// <returns>The id of a model.</returns>
    /// <exception cref="ArgumentException">The id breaks the hub's rules.</exception>
    public static RepoId FromString(string id) => new(id);

    /// <summary>Whether a string is a repository's id, for telling an id from a path.</summary>
    /// <param name="id">The string to try.</param>
    /// <param name="repo">The model's id when it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? id, [NotNullWhen(true)] out RepoId? repo)
    {
        repo = id is not null && FindFault(id) is null ? new RepoId(id) : null;
        return repo is not null;
    }

    /// <summary>The id of a data set.</summary>
    /// <param name="id"><c>name</c> or <c>owner/name</c>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">The id breaks the hub's rules.</exception>
    public static RepoId Dataset(string id) => new(id, RepoType.Dataset);

    /// <summary>The id of a space.</summary>
    /// <param name="id"><c>name</c> or <c>owner/name</c>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">The id breaks the hub's rules.</exception>
    public static RepoId Space(string id) => new(id, RepoType.Space);

    /// <summary>The id as URLs show it; <c>datasets/</c> or <c>spaces/</c> in front where it is one.</summary>
    /// <returns>The id.</returns>
    public override string ToString() => UrlPath;

    /// <summary>The id behind a folder of the cache, or null where the folder is no repository's.</summary>
    internal static RepoId? FromFolderName(string folder)
    {
        int split = folder.IndexOf("--", StringComparison.Ordinal);
        if (split < 0)
        {
            return null;
        }

        RepoType? type = folder[..split] switch
        {
            "models" => RepoType.Model,
            "datasets" => RepoType.Dataset,
            "spaces" => RepoType.Space,
            _ => null,
        };
        string id = folder[(split + 2)..].Replace("--", "/", StringComparison.Ordinal);
        return type is { } known && FindFault(id) is null ? new RepoId(id, known) : null;
    }

    private static string? FindFault(string id)
    {
        if (id.Length is 0 or > MaxLength)
        {
            return $"it has {id.Length} characters, 1 to {MaxLength} are allowed";
        }

        if (id.Contains("--", StringComparison.Ordinal) || id.Contains("..", StringComparison.Ordinal))
        {
            return "it holds '--' or '..'";
        }

        if (id.EndsWith(".git", StringComparison.Ordinal))
        {
            return "it ends with '.git'";
        }

        string[] parts = id.Split('/');
        if (parts.Length > 2)
        {
            return "it has more than one '/'";
        }

        foreach (string part in parts)
        {
            if (part.Length == 0 || part[0] is '-' or '.' || part[^1] is '-' or '.')
            {
                return "a part is empty or begins or ends with '-' or '.'";
            }

            if (part.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            {
                return "it holds characters other than letters, digits, '-', '_' and '.'";
            }
        }

        return null;
    }
}
