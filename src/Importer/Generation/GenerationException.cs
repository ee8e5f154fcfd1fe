namespace Importer.Generation;

/// <summary>A model that gives no usable logits, or a generation_config.json that cannot be read.</summary>
public sealed class GenerationException : PretrainedException
{
    internal GenerationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
