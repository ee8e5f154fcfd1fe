namespace HuggingFace.Hub.Client;

/// <summary>An environment variable or a file that it names has a value that cannot be used.</summary>
public sealed class HubConfigurationException : HubException
{
    internal HubConfigurationException(string setting, string problem, string remedy, Exception? inner = null)
        : base(HubErrorCategory.Local, $"The setting {setting} cannot be used: {problem}.", remedy, HubErrorContext.None, inner)
    {
        Setting = setting;
    }

    /// <summary>The name of the variable or option.</summary>
    public string Setting { get; }
}
