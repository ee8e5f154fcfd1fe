using System.Security.Cryptography;
using System.Text;

namespace HuggingFace.Hub.Client;

/// <summary>The paths of a <c>local_dir</c> download: real files, and what is known about them below <c>.cache/huggingface</c>.</summary>
internal sealed class LocalFolder
{
    private const string MetadataFolder = ".cache/huggingface";
    private readonly HubSettings _settings;

    public LocalFolder(string directory, HubSettings settings)
    {
        Root = Path.GetFullPath(directory);
        _settings = settings;
    }

    public string Root { get; }

    public string Trees => Path.Combine(HubFolder, "trees");

    private string HubFolder => Path.Combine(Root, ".cache", "huggingface");

    public string FileOf(string path) => Join(Root, path);

    public string MetadataOf(string path) => Join(Path.Combine(HubFolder, "download"), path) + ".metadata";

    public string LockOf(string path) => Join(Path.Combine(HubFolder, "download"), path) + ".lock";

    public string TreeOf(string commit) => Path.Combine(Trees, commit + ".json");

    public PartialStore PartialsOf(string path, ContentHash hash)
    {
        string metadata = MetadataOf(path);
#pragma warning disable CA5350 // huggingface_hub's names of partials; nothing is protected by it
        byte[] digest = SHA1.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(metadata)));
#pragma warning restore CA5350
        string name = Convert.ToBase64String(digest).Replace('+', '-').Replace('/', '_');
        return new PartialStore(Path.GetDirectoryName(metadata)!, $"{name}.{hash}", hash, _settings);
    }

    /// <summary>All files in the directory, as paths in a repository.</summary>
    public IReadOnlyList<string> ListFiles() => DirectoryListing.Files(Root, skip: MetadataFolder);

    /// <summary>Makes the metadata directory, out of the sight of git and of backups.</summary>
    /// <exception cref="HubPathException">It is, or lies behind, a link that leads elsewhere.</exception>
    public void Prepare()
    {
        CheckLinks(MetadataFolder, Path.Combine(HubFolder, CacheLayout.TagFile));
        Directory.CreateDirectory(HubFolder);
        WriteOnce(Path.Combine(HubFolder, ".gitignore"), "*");
        WriteOnce(Path.Combine(HubFolder, CacheLayout.TagFile), CacheLayout.TagContent);
    }

    /// <summary>Refuses a file that would be written elsewhere through a link, or over this library's own metadata.</summary>
    /// <exception cref="HubPathException">The path is refused.</exception>
    public void Check(string path)
    {
        if (path.StartsWith(MetadataFolder + "/", StringComparison.OrdinalIgnoreCase))
        {
            throw new HubPathException(
                path, "in the repository", $"{MetadataFolder} is where the state of this download is kept",
                    "Leave it out with an ignore pattern.", fromServer: true);
        }

        CheckLinks(path, FileOf(path));
        CheckLinks(path, MetadataOf(path));
    }

    private void CheckLinks(string path, string file)
    {
        if (_settings.Options.FollowLinksOutOfLocalDirectory)
        {
            return;
        }

        for (string? directory = Path.GetDirectoryName(file);
            directory is not null && directory.Length > Root.Length;
            directory = Path.GetDirectoryName(directory))
        {
            if (new DirectoryInfo(directory).LinkTarget is not null && !IsInside(directory))
            {
                throw new HubPathException(
                    path,
                    "in the repository",
                    $"{directory} is a link that leads out of {Root}",
                    "Remove the link, or set FollowLinksOutOfLocalDirectory.",
                    fromServer: true);
            }
        }
    }

    private static string Join(string directory, string path) =>
        Path.Combine(directory, Path.DirectorySeparatorChar == '/' ? path : path.Replace('/', Path.DirectorySeparatorChar));

    private static void WriteOnce(string path, string content)
    {
        if (!File.Exists(path))
        {
            File.WriteAllText(path, content);
        }
    }

    private bool IsInside(string link)
    {
        string? target = RealPath.Of(link), root = RealPath.Of(Root);
        return target is not null && root is not null
            && (target == root || target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }
}
