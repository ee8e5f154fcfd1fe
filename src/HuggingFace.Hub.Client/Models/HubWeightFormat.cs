namespace HuggingFace.Hub.Client;

/// <summary>Which files of weights to take.</summary>
public enum HubWeightFormat
{
    /// <summary>safetensors where there are any, else PyTorch's; the order of transformers.</summary>
    Auto,

    /// <summary>safetensors only.</summary>
    Safetensors,

    /// <summary>PyTorch's pickles (<c>.bin</c>) only.</summary>
    PyTorch,
}
