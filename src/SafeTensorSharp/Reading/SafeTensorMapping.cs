using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace SafeTensorSharp;

/// <summary>
/// A read-only view of a whole file in memory; pages are fetched when they are touched. Spans and addresses that it gave are not valid
/// after <see cref="Dispose"/>, and nothing checks that.
/// </summary>
public sealed unsafe class SafeTensorMapping : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeTensorReadOptions _options;
    private byte* _start;

    private SafeTensorMapping(MemoryMappedFile file, MemoryMappedViewAccessor view, SafeTensorHeader header, SafeTensorReadOptions options)
    {
        _file = file;
        _view = view;
        Header = header;
        _options = options;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The mapped file's header.</summary>
    public SafeTensorHeader Header { get; }

    /// <summary>
    /// The address of a tensor's first byte. Whether it is aligned for the type, <see cref="SafeTensorInfo.IsAligned"/> says: in files of
    /// early writers it is not. No value is checked.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not one of this file.</exception>
    /// <exception cref="ObjectDisposedException">The mapping is closed.</exception>
    public nint GetAddress(SafeTensorInfo tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_start is null, this);
        return Header.Has(tensor)
            ? (nint)(_start + tensor.FileOffset)
            : throw new ArgumentException(Invariant($"{tensor} is not a tensor of this file."), nameof(tensor));
    }

    /// <summary>A tensor's bytes, after the value checks that the options ask for.</summary>
    /// <exception cref="ArgumentException">The tensor is not one of this file.</exception>
    /// <exception cref="NotSupportedException">The tensor is larger than a span can be (2 GB); use <see cref="GetAddress"/>.</exception>
    /// <exception cref="SafeTensorDataException">
    /// A value is refused by the options. <see cref="BoolPolicy.Normalize"/> refuses too, as nothing can be changed here.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The mapping is closed.</exception>
    public ReadOnlySpan<byte> GetSpan(SafeTensorInfo tensor)
    {
        nint address = GetAddress(tensor);
        if (tensor.ByteCount > int.MaxValue)
        {
            throw new NotSupportedException(Invariant($"{tensor} is larger than a span; use {nameof(GetAddress)}."));
        }

        ReadOnlySpan<byte> bytes = new((byte*)address, (int)tensor.ByteCount);
        TensorChecks.Check(tensor, bytes, offset: 0, _options, Header.Path);
        return bytes;
    }

    /// <summary>Removes the view from memory.</summary>
    public void Dispose()
    {
        if (_start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    internal static SafeTensorMapping Create(SafeFileHandle handle, SafeTensorHeader header, SafeTensorReadOptions options)
    {
        // Read, not CopyOnWrite: on Windows a copy-on-write view is charged against the commit limit in full.
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            handle, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            return new SafeTensorMapping(file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), header, options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
