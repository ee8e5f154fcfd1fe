using SharedSource.Text;

namespace PyTorchCheckpoints;

/// <summary>
/// An object of a class that is not known here, or such a class itself: its name, and nothing else. Nothing was looked up or called.
/// Only with <see cref="CheckpointReadOptions.AllowOpaque"/>.
/// </summary>
public sealed class OpaqueValue : CheckpointValue
{
    internal OpaqueValue(string name) => Name = name;

    /// <inheritdoc/>
    public override CheckpointValueKind Kind => CheckpointValueKind.Opaque;

    /// <summary>Module and name of the class or function, joined by a dot, as in the file, not escaped.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => $"object of {Escape.Quote(Name)}";
}
