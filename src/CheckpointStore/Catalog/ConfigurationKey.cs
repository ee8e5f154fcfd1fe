using System.Security.Cryptography;
using System.Text;

namespace CheckpointStorage;

/// <summary>The short hash of a configuration.</summary>
internal static class ConfigurationKey
{
    private const int Length = 12;

    /// <summary>The same for the same names and values, in whatever order.</summary>
    public static string Of(IReadOnlyDictionary<string, string> configuration)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in configuration.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            // With lengths, so that no two configurations have the same text.
            text.Append(name.Length).Append(':').Append(name).Append('=').Append(value.Length).Append(':').Append(value).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..Length];
    }
}
