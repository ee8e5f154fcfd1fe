using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HuggingFace.Hub.Client.Tests;

public sealed class ProxyTests : HubTest
{
    [Fact]
    public async Task Proxy_of_the_environment_is_used()
    {
        using var proxy = new RecordingProxy();
        HubClient hub = Client(setup =>
        {
            setup.Endpoint = new Uri("https://hub.invalid");
            setup.Variables["HTTPS_PROXY"] = $"http://user:geheim@127.0.0.1:{proxy.Port}";
        });

        HubProxyException error = await Assert.ThrowsAsync<HubProxyException>(() => hub.DownloadFileAsync(Gpt2, "config.json"));

        Assert.StartsWith("CONNECT hub.invalid:443", proxy.First, StringComparison.Ordinal);
        Assert.Contains($"http://127.0.0.1:{proxy.Port}/", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(HubErrorCategory.Network, error.Category);
    }

    [Fact]
    public async Task Plain_requests_go_through_the_proxy_too()
    {
        using var proxy = new RecordingProxy();

        await Assert.ThrowsAnyAsync<HubException>(() => Client(setup =>
        {
            setup.Endpoint = new Uri("http://hub.invalid");
            setup.Variables["http_proxy"] = $"127.0.0.1:{proxy.Port}";
        }).DownloadFileAsync(Gpt2, "config.json"));

        Assert.StartsWith("HEAD http://hub.invalid/openai-community/gpt2/resolve/main/config.json", proxy.First, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_proxy_is_honoured()
    {
        await Client(setup =>
        {
            setup.Variables["ALL_PROXY"] = "http://127.0.0.1:1";
            setup.Variables["NO_PROXY"] = "example.com, 127.0.0.1";
        }).DownloadFileAsync(Gpt2, "config.json");

        Assert.Equal([Config.GitHash], Blobs());
    }

    [Fact]
    public async Task Broken_proxy_is_never_hidden_by_the_cache()
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        HubClient hub = Client(setup => setup.Variables["HTTP_PROXY"] = "http://127.0.0.1:1");

        await Assert.ThrowsAsync<HubProxyException>(() => hub.DownloadFileAsync(Gpt2, "config.json"));
        await Assert.ThrowsAsync<HubProxyException>(() => hub.DownloadSnapshotAsync(Gpt2));
    }

    [Theory]
    [InlineData("http://a.example.com/", "example.com", true)]
    [InlineData("http://example.com/", ".example.com", true)]
    [InlineData("http://notexample.com/", "example.com", false)]
    [InlineData("http://example.com:8080/", "example.com:8080", true)]
    [InlineData("http://example.com:8081/", "example.com:8080", false)]
    [InlineData("http://10.0.0.1/", "10.0.0.1", true)]
    [InlineData("http://[::1]/", "[::1]", true)]
    [InlineData("http://anything/", "*", true)]
    [InlineData("http://x.y/", "*.y", true)]
    public void No_proxy_names_hosts_suffixes_and_ports(string url, string noProxy, bool bypassed)
    {
        EnvironmentProxy proxy = Create(("HTTP_PROXY", "http://p:3128"), ("no_proxy", noProxy))!;

        Assert.Equal(bypassed, proxy.IsBypassed(new Uri(url)));
        Assert.Equal(bypassed, proxy.GetProxy(new Uri(url)) is null);
    }

    [Fact]
    public void Each_scheme_has_its_variable_and_all_stands_in()
    {
        EnvironmentProxy proxy = Create(("HTTPS_PROXY", "http://s:1"), ("ALL_PROXY", "socks5://a:2"))!;

        Assert.Equal("http://s:1/", proxy.GetProxy(new Uri("https://x"))!.AbsoluteUri);
        Assert.Equal("socks5://a:2/", proxy.GetProxy(new Uri("http://x"))!.AbsoluteUri);
        Assert.Null(Create());
        Assert.Null(Create(("HTTP_PROXY", "http://p:1"), ("GATEWAY_INTERFACE", "CGI/1.1")));
    }

    [Fact]
    public void Proxy_that_is_no_address_is_refused_without_being_shown()
    {
        HubConfigurationException error = Assert.Throws<HubConfigurationException>(() => Create(("HTTP_PROXY", "ftp://user:geheim@x")));

        Assert.DoesNotContain("geheim", error.ToString(), StringComparison.Ordinal);
    }

    private static EnvironmentProxy? Create(params (string Name, string Value)[] variables) =>
        EnvironmentProxy.Create(HubEnvironment.FromDictionary(variables.ToDictionary(v => v.Name, v => v.Value)));

    /// <summary>Takes connections, remembers the first line, answers 502.</summary>
    private sealed class RecordingProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;

        public RecordingProxy()
        {
            _listener.Start();
            _serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public string First { get; private set; } = "";

        public void Dispose()
        {
            _listener.Stop();
            _serving.Wait();
            _listener.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    NetworkStream stream = client.GetStream();
                    byte[] buffer = new byte[8192];
                    int count = await stream.ReadAsync(buffer);
                    First = First.Length == 0 ? Encoding.ASCII.GetString(buffer, 0, count).Split('\r')[0] : First;
                    await stream.WriteAsync("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // Stopped.
            }
        }
    }
}
