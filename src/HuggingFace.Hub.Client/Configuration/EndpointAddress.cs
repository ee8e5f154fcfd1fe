namespace HuggingFace.Hub.Client;

/// <summary>Checks the address of a hub or mirror.</summary>
internal static class EndpointAddress
{
    public static Uri Parse(string text, string setting) =>
        Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? url)
            ? Check(url, setting)
            : throw new HubConfigurationException(
                setting, $"'{Redaction.Scrub(text, null)}' is no absolute address", "Set it to one such as https://huggingface.co.");

    public static Uri Check(Uri url, string setting)
    {
        const string Advice = "Set it to an address such as https://huggingface.co, without user name, query or fragment.";
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            throw new HubConfigurationException(setting, $"'{Redaction.Url(url)}' is no http or https address", Advice);
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new HubConfigurationException(setting, $"'{Redaction.Url(url)}' has a user name, a query or a fragment", Advice);
        }

        // hf.co only redirects to huggingface.co, another origin, to which the token would not go.
        return url.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort && url.Host == "hf.co"
            ? new Uri("https://huggingface.co" + url.AbsolutePath.TrimEnd('/'))
            : url;
    }
}
