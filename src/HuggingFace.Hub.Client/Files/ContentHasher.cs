using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HuggingFace.Hub.Client;

/// <summary>Computes a <see cref="ContentHash"/> from bytes in order.</summary>
internal sealed class ContentHasher : IDisposable
{
    private readonly IncrementalHash _hash;

    /// <param name="kind">A hash of the wanted kind.</param>
    /// <param name="size">The length of the content, which git's hash begins with.</param>
    public ContentHasher(ContentHash kind, long size)
    {
        if (kind.IsSha256)
        {
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
        else
        {
            // SHA-1 is what git names objects with; the hub has no other hash of files outside LFS.
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            _hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
        }
    }

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
