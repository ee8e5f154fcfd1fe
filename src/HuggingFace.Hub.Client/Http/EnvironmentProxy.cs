using System.Net;

namespace HuggingFace.Hub.Client;

/// <summary>
/// The proxies that <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c> name (lower case first, as curl does it).
/// </summary>
internal sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _bypass;

    private EnvironmentProxy(Uri? http, Uri? https, string[] bypass, ICredentials? credentials)
    {
        _http = http;
        _https = https;
        _bypass = bypass;
        Credentials = credentials;
    }

    public ICredentials? Credentials { get; set; }

    /// <summary>The proxy of an environment; null when it names none.</summary>
    /// <exception cref="HubConfigurationException">A variable holds no proxy's address.</exception>
    public static EnvironmentProxy? Create(HubEnvironment environment)
    {
        (string Name, string Value)? all = Find(environment, "ALL_PROXY");
        // A CGI server sets HTTP_PROXY from the client's "Proxy" header (CVE-2016-5385), so upper case does not count there.
        bool cgi = environment.Read("GATEWAY_INTERFACE") is not null;
        (string Name, string Value)? http = Find(environment, "HTTP_PROXY", lowerOnly: cgi) ?? all;
        (string Name, string Value)? https = Find(environment, "HTTPS_PROXY") ?? all;
        if (http is null && https is null)
        {
            return null;
        }

        var credentials = new CredentialCache();
        string[] bypass = Find(environment, "NO_PROXY")?.Value.Split(
            [',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return new EnvironmentProxy(Parse(http, credentials), Parse(https, credentials), bypass, credentials);
    }

    public Uri? GetProxy(Uri destination) =>
        IsBypassed(destination) ? null : destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    public bool IsBypassed(Uri host)
    {
        foreach (string entry in _bypass)
        {
            if (entry == "*" || Matches(host, entry))
            {
                return true;
            }
        }

        return (host.Scheme == Uri.UriSchemeHttps ? _https : _http) is null;
    }

    private static bool Matches(Uri url, string entry)
    {
        string host = entry;
        int colon = entry.LastIndexOf(':');
        if (colon > 0 && int.TryParse(entry[(colon + 1)..], out int port) && entry.IndexOf(':', StringComparison.Ordinal) == colon)
        {
            if (port != url.Port)
            {
                return false;
            }

            host = entry[..colon];
        }

        host = host.TrimStart('*').TrimStart('.').Trim('[', ']');
        string name = url.IdnHost;
        return name.Equals(host, StringComparison.OrdinalIgnoreCase)
            || (name.EndsWith("." + host, StringComparison.OrdinalIgnoreCase) && url.HostNameType == UriHostNameType.Dns);
    }

    private static (string Name, string Value)? Find(HubEnvironment environment, string name, bool lowerOnly = false)
    {
        string lower = name.ToLowerInvariant();
        if (environment.Read(lower) is { } value)
        {
            return (lower, value);
        }

        return !lowerOnly && environment.Read(name) is { } upper ? (name, upper) : null;
    }

    private static Uri? Parse((string Name, string Value)? setting, CredentialCache credentials)
    {
        if (setting is not var (name, value))
        {
            return null;
        }

        string text = value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            || url.Scheme.ToLowerInvariant() is not ("http" or "https" or "socks4" or "socks4a" or "socks5"))
        {
            throw new HubConfigurationException(
                name, "it is no address of a proxy", "Set it to one such as http://proxy:3128, or unset it.");
        }

        var bare = new UriBuilder(url) { UserName = "", Password = "" };
        if (url.UserInfo.Length > 0 && credentials.GetCredential(bare.Uri, "Basic") is null)
        {
            string[] parts = url.UserInfo.Split(':', 2);
            credentials.Add(
                bare.Uri,
                "Basic",
                new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : ""));
        }

        return bare.Uri;
    }
}
