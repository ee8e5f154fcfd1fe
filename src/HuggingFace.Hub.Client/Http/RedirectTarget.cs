namespace HuggingFace.Hub.Client;

/// <summary>Finds where a redirect leads and refuses what is unsafe.</summary>
internal static class RedirectTarget
{
    public static Uri Find(HttpResponseMessage message, Uri from, HubErrorContext context)
    {
        Uri? target = HubHeaders.Find(message, "Location") is { Length: > 0 } location ? Parse(location, from) : null;
        if (target is null || (target.Scheme != Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttp) || target.UserInfo.Length > 0)
        {
            throw new HubResponseException(context, $"{context.Url} redirects without a usable Location header.");
        }

        return from.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp
            ? throw new HubResponseException(
                context,
                $"{context.Url} redirects from https to http ({Redaction.Url(target)}), which is refused.",
                "Check HF_ENDPOINT and what stands between this machine and the hub; an encrypted connection is never given up.")
            : target;
    }

    private static Uri? Parse(string location, Uri from)
    {
        string text = location.Trim();
        bool plain = text.All(c => c is > ' ' and < '\x7f');
        if (plain && text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal))
        {
            text = from.GetLeftPart(UriPartial.Authority) + text;
        }

        // Byte for byte as it was sent: a signature covers the exact path and query.
        var exact = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        if (plain && text.Contains("://", StringComparison.Ordinal) && !text.Contains('#', StringComparison.Ordinal)
            && Uri.TryCreate(text, exact, out Uri? url))
        {
            return url;
        }

        return Uri.TryCreate(from, text, out Uri? relative) ? relative : null;
    }
}
