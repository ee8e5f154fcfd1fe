using System.Security.Cryptography;

namespace HuggingFace.Hub.Client;

/// <summary>Eight random hexadecimal digits, which make names unique.</summary>
internal static class Nonce
{
    public const int Length = 8;

    public static string New() => RandomNumberGenerator.GetHexString(Length, lowercase: true);

    public static bool Is(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return text.Length == Length;
    }
}
