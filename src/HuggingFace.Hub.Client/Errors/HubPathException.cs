namespace HuggingFace.Hub.Client;

/// <summary>A name cannot safely become a path on this machine. Nothing was written.</summary>
public sealed class HubPathException : HubException
{
    internal HubPathException(string name, string source, string reason, string remedy, bool fromServer)
        : base(
            fromServer ? HubErrorCategory.Integrity : HubErrorCategory.Local,
            $"The name '{Redaction.Escape(name)}' ({source}) is refused: {reason}.",
            remedy,
            HubErrorContext.None)
    {
        Name = name;
    }

    /// <summary>The name as it was given, unescaped.</summary>
    public string Name { get; }
}
