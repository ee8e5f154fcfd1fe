namespace HuggingFace.Hub.Client;

/// <summary>The answer of <c>/api/models/{id}/revision/{rev}</c>.</summary>
internal sealed class RevisionJson
{
    public string? Id { get; set; }

    public string? Sha { get; set; }
}
