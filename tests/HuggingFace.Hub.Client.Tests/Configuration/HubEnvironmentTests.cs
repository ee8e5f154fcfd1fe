namespace HuggingFace.Hub.Client.Tests;

public sealed class HubEnvironmentTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hub-env-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("", "~/.cache/huggingface/hub")]
    [InlineData("XDG_CACHE_HOME=/xdg", "/xdg/huggingface/hub")]
    [InlineData("XDG_CACHE_HOME=/xdg;HF_HOME=/hf", "/hf/hub")]
    [InlineData("HF_HOME=/hf;HUGGINGFACE_HUB_CACHE=/old", "/old")]
    [InlineData("HF_HOME=/hf;HUGGINGFACE_HUB_CACHE=/old;HF_HUB_CACHE=/new", "/new")]
    [InlineData("HF_HUB_CACHE=~/x", "~/x")]
    [InlineData("HF_HUB_CACHE=$SCRATCH/hub;SCRATCH=/scratch", "/scratch/hub")]
    [InlineData("HF_HUB_CACHE=${SCRATCH}/$UNSET/hub;SCRATCH=/scratch", "/scratch/$UNSET/hub")]
    [InlineData("HF_HOME=", "~/.cache/huggingface/hub")]
    public void Cache_directory_has_pythons_precedence(string variables, string expected) =>
        Assert.Equal(expected.Replace("~", _root, StringComparison.Ordinal), Create(variables).CacheDirectory);

    [Fact]
    public void Token_has_pythons_precedence()
    {
        Directory.CreateDirectory(Path.Combine(_root, ".cache/huggingface"));
        File.WriteAllText(Path.Combine(_root, ".cache/huggingface/token"), "hf_saved\n");
        File.WriteAllText(Path.Combine(_root, "elsewhere"), " \r\nhf_elsewhere \n");

        Assert.Equal("hf_saved", Create("").ReadToken());
        Assert.Equal("hf_elsewhere", Create($"HF_TOKEN_PATH={_root}/elsewhere").ReadToken());
        Assert.Equal("hf_old", Create("HUGGING_FACE_HUB_TOKEN=hf_old").ReadToken());
        Assert.Equal("hf_new", Create("HUGGING_FACE_HUB_TOKEN=hf_old;HF_TOKEN= hf_new").ReadToken());
        Assert.Equal("hf_saved", Create("HF_TOKEN=").ReadToken());
        Assert.Null(Create($"HF_HOME={_root}/nowhere").ReadToken());
    }

    [Fact]
    public void Token_is_chosen_by_options_first_then_environment_unless_forbidden()
    {
        Assert.Equal("hf_option", Token("HF_TOKEN=hf_env", token: "hf_option"));
        Assert.Equal("hf_env", Token("HF_TOKEN=hf_env"));
        Assert.Null(Token("HF_TOKEN=hf_env", send: false));
        Assert.Null(Token("HF_TOKEN=hf_env", token: "hf_option", send: false));
        Assert.Null(Token("HF_TOKEN=hf_env;HF_HUB_DISABLE_IMPLICIT_TOKEN=1"));
        Assert.Equal("hf_option", Token("HF_TOKEN=hf_env;HF_HUB_DISABLE_IMPLICIT_TOKEN=1", token: "hf_option"));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("on", true)]
    [InlineData("Yes", true)]
    [InlineData("TRUE", true)]
    [InlineData("0", false)]
    [InlineData("y", false)]
    [InlineData("2", false)]
    [InlineData(" 1", false)]
    public void Truth_is_pythons(string value, bool expected)
    {
        Assert.Equal(expected, Create($"HF_HUB_OFFLINE={value}").Offline);
        Assert.Equal(expected, Create($"TRANSFORMERS_OFFLINE={value}").Offline);
        Assert.Equal(expected, Create($"HF_HUB_DISABLE_SYMLINKS={value}").DisableSymlinks);
        Assert.Equal(expected, Create($"HF_HUB_DISABLE_SYMLINKS_WARNING={value}").DisableSymlinksWarning);
        Assert.Equal(expected, Create($"DO_NOT_TRACK={value}").DisableTelemetry);
        Assert.Equal(expected, Create($"DISABLE_TELEMETRY={value}").DisableTelemetry);
        Assert.Equal(expected, Create($"HF_HUB_DISABLE_TELEMETRY={value}").DisableTelemetry);
        Assert.Equal((bool?)expected, Create($"HF_HUB_DISABLE_PROGRESS_BARS={value}").DisableProgressBars);
    }

    [Fact]
    public void What_is_not_set_has_the_default()
    {
        HubEnvironment environment = Create("");

        Assert.Equal(new Uri("https://huggingface.co"), environment.Endpoint);
        Assert.False(environment.Offline);
        Assert.Null(environment.DisableProgressBars);
        Assert.Null(environment.EtagTimeout);
        Assert.Null(environment.CertificateFile);
    }

    [Fact]
    public void Timeouts_of_the_environment_win()
    {
        HubEnvironment environment = Create("HF_HUB_ETAG_TIMEOUT=3;HF_HUB_DOWNLOAD_TIMEOUT=4.5");
        var settings = new HubSettings(new HubClientOptions
        {
            Environment = environment,
            MetadataTimeout = TimeSpan.FromSeconds(60),
            DownloadTimeout = TimeSpan.FromSeconds(60),
        });

        Assert.Equal(TimeSpan.FromSeconds(3), settings.MetadataTimeout);
        Assert.Equal(TimeSpan.FromSeconds(4.5), settings.DownloadTimeout);
    }

    [Theory]
    [InlineData("HF_HUB_ETAG_TIMEOUT=soon")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT=-1")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT=0")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT=NaN")]
    [InlineData("HF_ENDPOINT=huggingface.co")]
    [InlineData("HF_ENDPOINT=ftp://x")]
    [InlineData("HF_ENDPOINT=https://user:pw@x")]
    [InlineData("HF_ENDPOINT=https://x/?a=b")]
    public void Nonsense_is_an_error_that_names_the_variable(string variables)
    {
        HubConfigurationException error = Assert.Throws<HubConfigurationException>(
            () => new HubClient(new HubClientOptions { Environment = Create(variables) }));

        Assert.Equal(variables.Split('=')[0], error.Setting);
        Assert.Contains(error.Setting, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pw", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HF_ENDPOINT=https://mirror.example/", "https://mirror.example/o/n/resolve/main/f")]
    [InlineData("HF_ENDPOINT=https://x.example/artifactory/api/hf//", "https://x.example/artifactory/api/hf/o/n/resolve/main/f")]
    public void Endpoint_may_have_a_path_and_loses_its_slashes(string variables, string url) =>
        Assert.Equal(url, new HubUrls(Create(variables).Endpoint).File("o/n", "main", "f").AbsoluteUri);

    [Fact]
    public void User_agent_says_less_when_asked_to()
    {
        string full = Agent("HF_HUB_USER_AGENT_ORIGIN=partner");
        string bare = Agent("HF_HUB_USER_AGENT_ORIGIN=partner;DO_NOT_TRACK=1");

        Assert.Matches(@"^huggingface-hub-client-dotnet/\d+\.\d+\.\d+; dotnet/10\.\S+; (linux|windows|macos)/\w+; my-tool/1\.0\?; origin/partner$", full);
        Assert.Matches(@"^huggingface-hub-client-dotnet/\d+\.\d+\.\d+$", bare);

        string Agent(string variables) =>
            UserAgent.Compose(new HubSettings(new HubClientOptions { Environment = Create(variables), UserAgent = "my-tool/1.0\n" }));
    }

    [Fact]
    public void Options_out_of_range_are_refused_at_once()
    {
        HubEnvironment environment = Create("");
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new HubClient(new HubClientOptions { Environment = environment, BlockSize = 100 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new HubClient(new HubClientOptions { Environment = environment, MaxParallelRanges = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new HubClient(new HubClientOptions { Environment = environment, MaxRetries = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new HubClient(new HubClientOptions { Environment = environment, DownloadTimeout = TimeSpan.Zero }));
        using var follows = new SocketsHttpHandler();
        Assert.Throws<ArgumentException>(() => new HubClient(new HubClientOptions { Environment = environment, HttpHandler = follows }));

        // As IHttpMessageHandlerFactory hands it out: behind handlers that log.
        using var behind = new Outer(new Outer(follows));
        Assert.Throws<ArgumentException>(() => new HubClient(new HubClientOptions { Environment = environment, HttpHandler = behind }));
    }

    private HubEnvironment Create(string variables)
    {
        var values = new Dictionary<string, string> { ["HOME"] = _root };
        foreach (string variable in variables.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = variable.Split('=', 2);
            values[parts[0]] = parts[1];
        }

        return HubEnvironment.FromDictionary(values);
    }

    private sealed class Outer(HttpMessageHandler inner) : DelegatingHandler(inner);

    private string? Token(string variables, string? token = null, bool send = true) =>
        new HubSettings(new HubClientOptions { Environment = Create(variables), Token = token, SendToken = send }).Token;
}
