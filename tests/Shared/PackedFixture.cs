using System.IO.Compression;
using System.Security.Cryptography;

namespace Tests.Shared;

/// <summary>Fixtures whose texts are kept packed, because a clone is to stay small: unpacked once per content, into <c>artifacts/</c>.</summary>
internal static class PackedFixture
{
    /// <summary>Unpacks a directory, or finds that it has been.</summary>
    /// <returns>A directory with the same files, none of them packed.</returns>
    public static string Unpack(string directory)
    {
        string[] files = [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal)];
        string target = Path.Combine(Repository.Root, "artifacts", "fixtures", Path.GetFileName(directory) + "-" + ContentHash(files));
        if (Directory.Exists(target))
        {
            return target;
        }

        // Whole or not at all: another test process may be doing the same.
        string staging = target + "." + Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(staging);
        foreach (string file in files)
        {
            string copy = Path.Combine(staging, Path.GetFileName(file));
            if (!file.EndsWith(".gz", StringComparison.Ordinal))
            {
                File.Copy(file, copy);
                continue;
            }

            using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
            using var unpacked = File.Create(copy[..^3]);
            packed.CopyTo(unpacked);
        }

        try
        {
            Directory.Move(staging, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            Directory.Delete(staging, recursive: true);
        }

        return target;
    }

    private static string ContentHash(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
