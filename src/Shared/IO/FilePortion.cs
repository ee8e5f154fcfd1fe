using System.Buffers;

namespace SharedSource.IO;

/// <summary>A piece of a file on its way: filled by one thread, then written and hashed by others.</summary>
internal sealed class FilePortion
{
    private byte[] _memory = [];
    private int _users;

    /// <summary>How much of it is filled.</summary>
    public int Length { get; set; }

    /// <summary>Where it goes in the file.</summary>
    public long Position { get; set; }

    /// <summary>What it belongs to, for the report.</summary>
    public string? Label { get; set; }

    /// <summary>How many threads have yet to <see cref="Release"/> it.</summary>
    public int Users
    {
        get => _users;
        set => _users = value;
    }

    /// <summary>How many bytes it can still take.</summary>
    public int Room => _memory.Length - Length;

    /// <summary>What is filled.</summary>
    public ReadOnlySpan<byte> Filled => _memory.AsSpan(0, Length);

    /// <summary>What is not filled yet.</summary>
    public Memory<byte> Rest => _memory.AsMemory(Length);

    /// <summary>Makes room; an empty portion may be given other memory for that.</summary>
    public void Grow(int wanted)
    {
        if (Room < wanted)
        {
            Return();
            _memory = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, FileSink.PortionBytes));
        }
    }

    /// <summary>Ends the use by one thread.</summary>
    /// <returns>Whether that was the last, and the portion is empty again.</returns>
    public bool Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return false;
        }

        Length = 0;
        return true;
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        if (_memory.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_memory);
            _memory = [];
        }
    }
}
