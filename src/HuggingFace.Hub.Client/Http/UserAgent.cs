using System.Runtime.InteropServices;

namespace HuggingFace.Hub.Client;

/// <summary>The User-Agent header: the library, the runtime, the program; only the library when telemetry is unwanted.</summary>
internal static class UserAgent
{
    public static string Compose(HubSettings settings)
    {
        string version = typeof(UserAgent).Assembly.GetName().Version?.ToString(3) ?? "0";
        var parts = new List<string> { $"huggingface-hub-client-dotnet/{version}" };
        if (!settings.Environment.DisableTelemetry)
        {
            parts.Add($"dotnet/{Environment.Version}");
            string system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux";
            parts.Add($"{system}/{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}");
            parts.Add(settings.Options.UserAgent ?? "");
            parts.Add(settings.Environment.UserAgentOrigin is { } origin ? $"origin/{origin}" : "");
        }

        string text = string.Join("; ", parts.Where(part => part.Length > 0));
        return new string([.. text.Select(c => c is >= ' ' and < '\x7f' ? c : '?')]);
    }
}
