namespace HuggingFace.Hub.Client;

/// <summary>
/// The server answered with something that breaks the hub's protocol or cannot be trusted, such as a missing header or a hostile name.
/// </summary>
public sealed class HubResponseException : HubException
{
    internal HubResponseException(HubErrorContext context, string problem, string? remedy = null)
        : base(
            HubErrorCategory.Integrity,
            problem,
            remedy ?? "Check HF_ENDPOINT, and whether a proxy or mirror changes the hub's answers.",
            context)
    {
    }

    /// <summary>Whether asking for the whole file instead of a range may help.</summary>
    internal bool RangeIsTheTrouble { get; init; }
}
