using System.Security.Cryptography;
using System.Text;

namespace HuggingFace.Hub.FakeHub;

/// <summary>A file of a fake repository.</summary>
public sealed class FakeFile
{
    public FakeFile(string path, byte[] content, bool isLfs)
    {
        Path = path;
        Content = content;
        IsLfs = isLfs;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        GitHash = GitHashOf(content);
        PointerHash = GitHashOf(
            Encoding.UTF8.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{Sha256}\nsize {content.Length}\n"));
        XetHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("xet" + Sha256)));
    }

    public string Path { get; }

    public byte[] Content { get; }

    public bool IsLfs { get; }

    public string Sha256 { get; }

    public string GitHash { get; }

    public string PointerHash { get; }

    public string XetHash { get; }

    /// <summary>What names the blob.</summary>
    public string ETag => IsLfs ? Sha256 : GitHash;

    public static FakeFile Text(string path, string content) => new(path, Encoding.UTF8.GetBytes(content), isLfs: false);

    /// <summary>Random content, the same for the same seed.</summary>
    public static FakeFile Lfs(string path, int size, int seed = 1) => new(path, Random(size, seed), isLfs: true);

    public static byte[] Random(int size, int seed)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string GitHashOf(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
