namespace Importer.Extensions.AI;

/// <summary>A chat template that asks for something that is not supported, is broken, or refuses the messages.</summary>
public sealed class ChatTemplateException : Exception
{
    internal ChatTemplateException(string problem, string remedy)
        : base($"{problem}. {remedy}")
    {
    }
}
