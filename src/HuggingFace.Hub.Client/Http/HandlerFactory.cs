using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HuggingFace.Hub.Client;

/// <summary>Makes the handler that a client uses when none is injected.</summary>
internal static class HandlerFactory
{
    public static SocketsHttpHandler Create(HubSettings settings, IWebProxy? proxy)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = settings.DownloadTimeout,
            // A signed URL's host may move to other addresses in the course of a long download.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            // Credentials of the Windows user are for proxies of a domain at most, never for servers.
            Credentials = null,
        };
        if (proxy is not null)
        {
            handler.Proxy = proxy;
        }
        else if (!ReferenceEquals(settings.Environment, HubEnvironment.Process))
        {
            handler.UseProxy = false;
        }

        if (settings.Environment.CertificateFile is { } file)
        {
            handler.SslOptions = TrustOnly(file);
        }

        return handler;
    }

    private static SslClientAuthenticationOptions TrustOnly(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new HubConfigurationException(
                "SSL_CERT_FILE", $"the file {file} cannot be read as certificates (PEM)", "Point it at a PEM bundle, or unset it.", error);
        }

        return policy.CustomTrustStore.Count > 0
            ? new SslClientAuthenticationOptions { CertificateChainPolicy = policy }
            : throw new HubConfigurationException(
                "SSL_CERT_FILE", $"the file {file} holds no certificate", "Point it at a PEM bundle, or unset it.");
    }
}
