using System.Diagnostics.CodeAnalysis;

namespace HuggingFace.Hub.Client;

/// <summary>
/// What a file's content must hash to, and the name of its blob: SHA-256 (64 hexadecimal digits, files in LFS) or git's SHA-1 of
/// <c>"blob " + length + "\0" + content</c> (40 digits, all others). Nothing else ever names a file in the cache.
/// </summary>
internal sealed record ContentHash
{
    private const int GitLength = 40;
    private const int Sha256Length = 64;

    private ContentHash(string hex) => Hex = hex;

    public string Hex { get; }

    public bool IsSha256 => Hex.Length == Sha256Length;

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ContentHash? hash)
    {
        hash = text is { Length: GitLength or Sha256Length } && text.All(char.IsAsciiHexDigitLower) ? new ContentHash(text) : null;
        return hash is not null;
    }

    /// <summary>The hash in an ETag header: without <c>W/</c> and quotes. Null when it is none.</summary>
    public static ContentHash? FromETag(string? etag)
    {
        if (etag is null)
        {
            return null;
        }

        ReadOnlySpan<char> bare = etag.AsSpan().Trim();
        if (bare.StartsWith("W/", StringComparison.Ordinal))
        {
            bare = bare[2..];
        }

        return TryParse(bare.Trim('"').ToString(), out ContentHash? hash) ? hash : null;
    }

    public override string ToString() => Hex;
}
