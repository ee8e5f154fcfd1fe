using System.Globalization;

namespace HuggingFace.Hub.Client;

/// <summary>
/// The settings that Python's huggingface_hub takes from environment variables, with its precedence and its defaults, read through a
/// function so that a program or a test can supply its own. Values are read when a property is asked for.
/// </summary>
public sealed class HubEnvironment
{
    private const string DefaultEndpoint = "https://huggingface.co";
    private readonly Func<string, string?> _read;

    /// <summary>An environment over any source of variables.</summary>
    /// <param name="read">Returns the value of a variable, or null where it is not set.</param>
    public HubEnvironment(Func<string, string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        _read = read;
    }

    /// <summary>The environment of this process.</summary>
    public static HubEnvironment Process { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The hub's address: <c>HF_ENDPOINT</c>, else <c>https://huggingface.co</c>.</summary>
    /// <exception cref="HubConfigurationException">It is no http or https address.</exception>
    public Uri Endpoint => EndpointAddress.Parse(Read("HF_ENDPOINT") ?? DefaultEndpoint, "HF_ENDPOINT");

    /// <summary>
    /// Hugging Face's directory: <c>HF_HOME</c>, else <c>$XDG_CACHE_HOME/huggingface</c>, else <c>~/.cache/huggingface</c>.
    /// </summary>
    public string HomeDirectory => ReadPath("HF_HOME")
        ?? Path.Combine(ReadPath("XDG_CACHE_HOME") ?? Path.Combine(UserDirectory, ".cache"), "huggingface");

    /// <summary>
    /// The cache: <c>HF_HUB_CACHE</c>, else <c>HUGGINGFACE_HUB_CACHE</c>, else <c>hub</c> in <see cref="HomeDirectory"/>.
    /// </summary>
    public string CacheDirectory =>
        ReadPath("HF_HUB_CACHE") ?? ReadPath("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(HomeDirectory, "hub");

    /// <summary>
    /// The file with the token that a login saved: <c>HF_TOKEN_PATH</c>, else <c>token</c> in <see cref="HomeDirectory"/>.
    /// </summary>
    public string TokenFile => ReadPath("HF_TOKEN_PATH") ?? Path.Combine(HomeDirectory, "token");

    /// <summary>Whether no request may be made: <c>HF_HUB_OFFLINE</c>, else <c>TRANSFORMERS_OFFLINE</c>.</summary>
    public bool Offline => IsTrue(Read("HF_HUB_OFFLINE") ?? Read("TRANSFORMERS_OFFLINE"));

    /// <summary>Whether the saved token is only to be sent when asked for: <c>HF_HUB_DISABLE_IMPLICIT_TOKEN</c>.</summary>
    public bool DisableImplicitToken => IsTrue(Read("HF_HUB_DISABLE_IMPLICIT_TOKEN"));

    /// <summary>Whether the cache is to hold files instead of symbolic links: <c>HF_HUB_DISABLE_SYMLINKS</c>.</summary>
    public bool DisableSymlinks => IsTrue(Read("HF_HUB_DISABLE_SYMLINKS"));

    /// <summary>Whether the one warning about missing symbolic links is unwanted: <c>HF_HUB_DISABLE_SYMLINKS_WARNING</c>.</summary>
    public bool DisableSymlinksWarning => IsTrue(Read("HF_HUB_DISABLE_SYMLINKS_WARNING"));

    /// <summary>
    /// Whether progress bars are unwanted (true) or wanted (false) whatever the code says; null when it is the code's choice:
    /// <c>HF_HUB_DISABLE_PROGRESS_BARS</c>. For whoever draws the bars; this library reports to the <see cref="IProgress{T}"/> it is given.
    /// </summary>
    public bool? DisableProgressBars => Read("HF_HUB_DISABLE_PROGRESS_BARS") is { } value ? IsTrue(value) : null;

    /// <summary>
    /// Whether the user agent is to say no more than the library's name: <c>HF_HUB_DISABLE_TELEMETRY</c>, <c>DISABLE_TELEMETRY</c>
    /// or <c>DO_NOT_TRACK</c>.
    /// </summary>
    public bool DisableTelemetry =>
        IsTrue(Read("HF_HUB_DISABLE_TELEMETRY")) || IsTrue(Read("DISABLE_TELEMETRY")) || IsTrue(Read("DO_NOT_TRACK"));

    /// <summary>A name that partners add to the user agent: <c>HF_HUB_USER_AGENT_ORIGIN</c>.</summary>
    public string? UserAgentOrigin => Read("HF_HUB_USER_AGENT_ORIGIN");

    /// <summary>
    /// The longest wait for metadata, <c>HF_HUB_ETAG_TIMEOUT</c> in seconds; null when not set. Wins over the code's option.
    /// </summary>
    /// <exception cref="HubConfigurationException">It is no positive number.</exception>
    public TimeSpan? EtagTimeout => ReadSeconds("HF_HUB_ETAG_TIMEOUT");

    /// <summary>
    /// The longest wait for the next bytes of a body, <c>HF_HUB_DOWNLOAD_TIMEOUT</c> in seconds; null when not set. Wins over the code's
    /// option.
    /// </summary>
    /// <exception cref="HubConfigurationException">It is no positive number.</exception>
    public TimeSpan? DownloadTimeout => ReadSeconds("HF_HUB_DOWNLOAD_TIMEOUT");

    /// <summary>
    /// A file of certificates (PEM) to trust instead of the system's: <c>SSL_CERT_FILE</c>, else <c>REQUESTS_CA_BUNDLE</c>.
    /// </summary>
    public string? CertificateFile => ReadPath("SSL_CERT_FILE") ?? ReadPath("REQUESTS_CA_BUNDLE");

    private string UserDirectory =>
        Read("HOME") ?? Read("USERPROFILE") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>An environment over a dictionary; variables that are not in it are not set.</summary>
    /// <param name="variables">The variables and their values.</param>
    /// <returns>The environment.</returns>
    public static HubEnvironment FromDictionary(IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return new HubEnvironment(variables.GetValueOrDefault);
    }

    /// <summary>A variable's value; null when it is not set or empty.</summary>
    internal string? Read(string name) => _read(name) is { Length: > 0 } value ? value : null;

    /// <summary>
    /// The token that is sent unless the code says otherwise: <c>HF_TOKEN</c>, <c>HUGGING_FACE_HUB_TOKEN</c>, else what is in
    /// <see cref="TokenFile"/>. A method, not a property, so that no debugger or serializer shows it by accident.
    /// </summary>
    internal string? ReadToken() =>
        AccessToken.Clean(Read("HF_TOKEN"), "HF_TOKEN")
        ?? AccessToken.Clean(Read("HUGGING_FACE_HUB_TOKEN"), "HUGGING_FACE_HUB_TOKEN")
        ?? AccessToken.FromFile(TokenFile);

    /// <summary>Python's idea of truth: 1, ON, YES and TRUE in any case, nothing else.</summary>
    private static bool IsTrue(string? value) =>
        value is not null && value.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private string? ReadPath(string name) => Read(name) is { } value ? PathExpansion.Expand(value, UserDirectory, Read) : null;

    private TimeSpan? ReadSeconds(string name)
    {
        if (Read(name) is not { } value)
        {
            return null;
        }

        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 1e6
            ? TimeSpan.FromSeconds(seconds)
            : throw new HubConfigurationException(
                name, $"'{Redaction.Escape(value)}' is no positive number of seconds", "Set it to a number such as 30, or unset it.");
    }
}
