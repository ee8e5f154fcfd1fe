namespace HuggingFace.Hub.Client;

/// <summary>The kinds of repository on the hub.</summary>
public enum RepoType
{
    /// <summary>A model; the default kind, without a prefix in URLs.</summary>
    Model,

    /// <summary>A data set; <c>datasets/</c> in URLs.</summary>
    Dataset,

    /// <summary>An application; <c>spaces/</c> in URLs.</summary>
    Space,
}
