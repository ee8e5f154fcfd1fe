using System.Diagnostics.CodeAnalysis;

namespace PyTorchCheckpoints;

/// <summary>
/// What a checkpoint holds, without its tensors' bytes: the whole tree of values, with every tensor's type, shape and place checked.
/// </summary>
public sealed class CheckpointHeader
{
    private readonly string? _stateDictKeys;
    private StateDict? _stateDict;

    private CheckpointHeader(
        CheckpointContainer container, CheckpointValue root, CheckpointContent content, IReadOnlyList<string> warnings, string? stateDictKeys)
    {
        Container = container;
        Root = root;
        Content = content;
        Warnings = warnings;
        _stateDictKeys = stateDictKeys;
        BytesRead = content.Source.BytesRead;
    }

    /// <summary>How the file is put together.</summary>
    public CheckpointContainer Container { get; }

    /// <summary>The object that was saved. Its texts and numbers are here; of its tensors, only the description.</summary>
    public CheckpointValue Root { get; }

    /// <summary>The file; null when it was read from a stream without a name.</summary>
    public string? Path => Content.Source.Path;

    /// <summary>The file's length in bytes.</summary>
    public long FileLength => Content.Length;

    /// <summary>How many bytes were read to know all this; none of them a tensor's.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Whether elements are stored in big-endian order; they are turned when they are read.</summary>
    public bool IsBigEndian => Content.IsBigEndian;

    /// <summary>What is odd without being an error, such as a wrong checksum.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// The model's tensors by their names. Which dictionary that is, <see cref="CheckpointReadOptions.StateDict"/> says; by default it is
    /// found.
    /// </summary>
    /// <exception cref="StateDictException">There is none, or there are several; the exception lists what there is.</exception>
    public StateDict StateDict => _stateDict ??= StateDictSelection.Select(Root, _stateDictKeys, Path);

    internal CheckpointContent Content { get; }

    /// <summary>Reads and checks everything but the tensors' bytes, and closes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Which state dict, strictness and limits.</param>
    /// <exception cref="CheckpointException">The file is not a checkpoint, is damaged, or was made to do harm.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    public static CheckpointHeader Identify(string path, CheckpointReadOptions? options = null)
    {
        options = CheckpointReadOptions.Validate(options);
        using FileSource source = FileSource.Open(path);
        return Read(source, options);
    }

    /// <inheritdoc cref="Identify(string, CheckpointReadOptions?)"/>
    /// <param name="stream">The file's bytes with positions, such as a file on a server; stays open.</param>
    /// <param name="path">The file's name for messages.</param>
    /// <param name="options">Which state dict, strictness and limits.</param>
    public static CheckpointHeader Identify(Stream stream, string? path = null, CheckpointReadOptions? options = null)
    {
        options = CheckpointReadOptions.Validate(options);
        using StreamSource source = new(stream, path, leaveOpen: true);
        return Read(source, options);
    }

    /// <summary>Takes another dictionary of tensors than <see cref="StateDict"/> for the state dict.</summary>
    /// <param name="keys">The keys that lead to it, joined by <c>/</c>; the empty text for the root.</param>
    /// <exception cref="StateDictException">There is no dictionary of tensors.</exception>
    public StateDict SelectStateDict(string keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return StateDictSelection.Select(Root, keys, Path);
    }

    /// <summary>All dictionaries of tensors, up to three levels deep, each as <see cref="SelectStateDict"/> takes it.</summary>
    public IReadOnlyList<string> FindStateDicts() => StateDictSelection.FindAll(Root);

    /// <summary>Finds a value by the keys that lead to it.</summary>
    /// <param name="keys">
    /// The keys, joined by <c>/</c>, such as <c>model_args/n_layer</c>; a list's or tuple's items, and integer keys, by their numbers; the
    /// empty text for the
    /// root.
    /// </param>
    /// <param name="value">The value.</param>
    public bool TryFind(string keys, [NotNullWhen(true)] out CheckpointValue? value)
    {
        ArgumentNullException.ThrowIfNull(keys);
        value = ValuePath.Find(Root, keys);
        return value is not null;
    }

    internal static CheckpointHeader Read(ByteSource source, CheckpointReadOptions options)
    {
        CheckpointContent content = new(source);
        byte[] start = new byte[(int)Math.Min(ContentSniffer.PrefixBytes, content.Length)];
        source.ReadExactly(start, 0);
        CheckpointContainer container = ContentSniffer.Recognise(start, content.Length, source.Path);
        List<string> warnings = [];
        CheckpointValue root = container == CheckpointContainer.Zip
            ? ZipCheckpoint.Read(content, options, warnings)
            : LegacyCheckpoint.Read(content, options, warnings);
        return new CheckpointHeader(container, root, content, warnings, options.StateDict);
    }

    /// <summary>
    /// Finds where the state dict's bytes are, and so checks the records' own headers. Without a state dict nothing is done.
    /// </summary>
    internal void LocateStateDict()
    {
        try
        {
            foreach (PyTorchTensor tensor in StateDict.Tensors)
            {
                _ = ((FileStorage)tensor.Storage).GetDataOffset();
            }
        }
        catch (StateDictException)
        {
            // Told to whoever asks for it: the other values of the file can be read without.
        }

        BytesRead = Content.Source.BytesRead;
    }
}
