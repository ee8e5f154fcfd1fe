namespace HuggingFace.Hub.Client;

/// <summary>Scheme, host and port: what a token belongs to.</summary>
internal readonly record struct Origin(string Scheme, string Host, int Port)
{
    public static Origin Of(Uri url) => new(url.Scheme.ToLowerInvariant(), url.IdnHost.ToLowerInvariant(), url.Port);

    public override string ToString() => $"{Scheme}://{Host}:{Port}";
}
