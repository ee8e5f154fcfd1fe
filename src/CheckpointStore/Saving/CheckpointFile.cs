using System.Text;

namespace CheckpointStorage;

/// <summary>A file of a checkpoint to be saved: its name, and what writes its bytes when its turn comes.</summary>
public sealed class CheckpointFile
{
    private CheckpointFile(string name, Func<Stream, CancellationToken, Task> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!Manifest.IsFileName(name))
        {
            throw new ArgumentException(
                $"\"{IO.DisplayText.Escape(name)}\" is no name for a checkpoint's file: ASCII letters, digits, '.', '_' and '-', not beginning or ending in a dot, {Manifest.LongestFileName} at most, and not {IO.StoreNames.Manifest}.",
                nameof(name));
        }

        Name = name;
        Write = write;
    }

    /// <summary>The name in the checkpoint's directory.</summary>
    public string Name { get; }

    internal Func<Stream, CancellationToken, Task> Write { get; }

    /// <summary>A file that a callback writes.</summary>
    /// <param name="name">ASCII letters, digits, <c>.</c>, <c>_</c> and <c>-</c>; not beginning or ending in a dot.</param>
    /// <param name="write">
    /// Writes to a stream that only goes forward. It is called once per attempt to save, on a thread of the pool, never at the same time
    /// as another of the same save. What it reads must not change until the save has ended.
    /// </param>
    public static CheckpointFile From(string name, Func<Stream, CancellationToken, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return new CheckpointFile(name, write);
    }

    /// <summary>A file that a callback writes without waiting for anything.</summary>
    /// <inheritdoc cref="From(string, Func{Stream, CancellationToken, Task})"/>
    public static CheckpointFile From(string name, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return new CheckpointFile(name, (stream, _) =>
        {
            write(stream);
            return Task.CompletedTask;
        });
    }

    /// <summary>A file whose bytes are in memory.</summary>
    /// <param name="name">As for <see cref="From(string, Action{Stream})"/>.</param>
    /// <param name="bytes">The content.</param>
    public static CheckpointFile FromBytes(string name, ReadOnlyMemory<byte> bytes) => From(name, stream => stream.Write(bytes.Span));

    /// <summary>A text file in UTF-8.</summary>
    /// <param name="name">As for <see cref="From(string, Action{Stream})"/>.</param>
    /// <param name="text">The content.</param>
    public static CheckpointFile FromText(string name, string text) => FromBytes(name, Encoding.UTF8.GetBytes(text));
}
