namespace SharedSource.IO;

/// <summary>Where bytes go, one after the other.</summary>
internal interface IByteSink
{
    /// <summary>Memory to make the next bytes in, at least so many.</summary>
    Memory<byte> GetMemory(int sizeHint);

    /// <summary>Takes as written the first bytes of what <see cref="GetMemory"/> lent last.</summary>
    void Advance(int count);

    /// <summary>Takes bytes that were made elsewhere.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
