namespace Importer;

/// <summary>A config.json that cannot be read, lacks a field, or asks for something the model does not do.</summary>
public sealed class ModelConfigException : PretrainedException
{
    internal ModelConfigException(string source, string? field, string problem, string remedy, Exception? innerException = null)
        : base($"{DisplayText.Escape(source)}: {problem}", remedy, innerException)
    {
        ConfigSource = source;
        Field = field;
    }

    /// <summary>The file, or what else the configuration came from.</summary>
    public string ConfigSource { get; }

    /// <summary>The field that is wrong, as it is spelled in config.json; null when the file as a whole is.</summary>
    public string? Field { get; }
}
