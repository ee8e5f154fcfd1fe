namespace Importer;

/// <summary>Recognises what is often found where a JSON or text file of a checkpoint was expected.</summary>
internal static class ForeignContent
{
    /// <summary>What the bytes really are, in words; null when they are none of the usual suspects.</summary>
    public static string? Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "it is empty";
        }

        if (bytes.StartsWith("version https://git-lfs"u8))
        {
            return "it is a Git LFS pointer, so the file itself was never fetched (run: git lfs pull)";
        }

        var text = bytes.TrimStart(" \t\r\n"u8);
        return text.StartsWith("<"u8) ? "it is an HTML or XML page, probably an error page saved under this name" : null;
    }
}
