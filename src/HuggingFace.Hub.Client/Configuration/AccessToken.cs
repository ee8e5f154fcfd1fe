namespace HuggingFace.Hub.Client;

/// <summary>Takes a token from where it is kept; no message here ever shows it.</summary>
internal static class AccessToken
{
    private const int MaxFileBytes = 16 * 1024;

    /// <summary>The token without the line ends and blanks that files and shells leave around it; null when nothing is left.</summary>
    /// <exception cref="HubConfigurationException">It cannot be sent in a header.</exception>
    public static string? Clean(string? token, string setting)
    {
        string? trimmed = token?.Trim();
        if (string.IsNullOrEmpty(trimmed))
        {
            return null;
        }

        return trimmed.All(c => c is > ' ' and < '\x7f')
            ? trimmed
            : throw new HubConfigurationException(
                setting,
                "the token holds blanks, line ends or letters outside ASCII",
                "Copy the token again from the account's settings.");
    }

    /// <summary>The token in a file; null when there is no such file.</summary>
    /// <exception cref="HubConfigurationException">The file cannot be read or holds no token.</exception>
    public static string? FromFile(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return null;
            }

            return file.Length > MaxFileBytes
                ? throw new HubConfigurationException(
                    "HF_TOKEN_PATH", $"the file {path} is too large to be a token", "Log in again, or set HF_TOKEN.")
                : Clean(File.ReadAllText(path), "HF_TOKEN_PATH");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubConfigurationException(
                "HF_TOKEN_PATH", $"the file {path} cannot be read", "Check its permissions, or set HF_TOKEN.", error);
        }
    }
}
