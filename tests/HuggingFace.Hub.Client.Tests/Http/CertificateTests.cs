using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HuggingFace.Hub.Client.Tests;

#pragma warning disable CA1001 // xunit disposes it through IAsyncLifetime
public sealed class CertificateTests : HubTest
#pragma warning restore CA1001
{
    private X509Certificate2 _certificate = null!;
    private TcpListener _listener = null!;
    private Task _serving = Task.CompletedTask;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        _serving = ServeAsync();
    }

    public override async Task DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Dispose();
        _certificate.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Certificate_of_a_company_is_trusted_through_the_variable()
    {
        string file = Path.Combine(Root, "ca.pem");
        await File.WriteAllTextAsync(file, _certificate.ExportCertificatePem());

        HubRepositoryNotFoundException error = await Assert.ThrowsAsync<HubRepositoryNotFoundException>(() => Client(setup =>
        {
            setup.Endpoint = Endpoint;
            setup.Variables["SSL_CERT_FILE"] = file;
        }).ListFilesAsync(Gpt2));

        Assert.Equal("secure", error.RequestId);
    }

    [Fact]
    public async Task Unknown_certificate_is_refused_at_once_and_the_remedy_named()
    {
        HubNetworkException error = await Assert.ThrowsAsync<HubNetworkException>(
            () => Client(setup => setup.Endpoint = Endpoint).ListFilesAsync(Gpt2));

        Assert.Contains("SSL_CERT_FILE", error.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("tried again", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----")]
    public void File_without_certificates_is_refused(string? content)
    {
        string file = Path.Combine(Root, "bad.pem");
        if (content is not null)
        {
            File.WriteAllText(file, content);
        }

        HubConfigurationException error = Assert.Throws<HubConfigurationException>(
            () => Client(setup => setup.Variables["SSL_CERT_FILE"] = file));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    private Uri Endpoint => new($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                try
                {
                    using var stream = new SslStream(client.GetStream());
                    await stream.AuthenticateAsServerAsync(_certificate);
                    _ = await stream.ReadAsync(new byte[8192]);
                    await stream.WriteAsync("HTTP/1.1 404 Not Found\r\nX-Error-Code: RepoNotFound\r\nX-Request-Id: secure\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                }
                catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client does not trust it.
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }
}
