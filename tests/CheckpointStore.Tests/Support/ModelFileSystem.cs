using CheckpointStorage.IO;

namespace CheckpointStorage.Tests;

/// <summary>
/// A file system in memory that knows what a power failure may leave. A file's bytes are durable when the file was flushed, a name when its
/// directory was; before that the disk holds, for a file, nothing, a part, zeros, garbage or all of it, and for a directory, each change
/// since its last flush or not, each on its own.
/// </summary>
internal sealed class ModelFileSystem : IStoreFileSystem
{
    private readonly Node _root = new(isDirectory: true);
    private bool _locked;

    public ModelFileSystem(string root)
    {
        RootPath = root;
        _root.DurableNames = new(_root.Names);
    }

    private ModelFileSystem(string root, Node node)
    {
        RootPath = root;
        _root = node;
    }

    /// <summary>The directory that exists from the beginning.</summary>
    public string RootPath { get; }

    /// <summary>How many changes were made so far.</summary>
    public int Operations { get; private set; }

    /// <summary>Called after every change, with what it was.</summary>
    public Action<string>? AfterOperation { get; set; }

    /// <summary>Called before every change; may throw in its place.</summary>
    public Action<int, string>? BeforeOperation { get; set; }

    /// <summary>How much there is room for, in bytes of all files; null without a limit.</summary>
    public long? Capacity { get; set; }

    public long UsedBytes => Used(_root);

    /// <summary>What a machine may find after its power failed now: all possible states, or so many picked by a seed.</summary>
    public IEnumerable<ModelFileSystem> CrashStates(int most, int seed)
    {
        List<Choice> choices = [];
        Collect(_root, choices);
        double count = choices.Aggregate(1.0, (product, choice) => product * choice.Options);
        var random = new Random(seed);
        for (int i = 0; i < Math.Min(count, most); i++)
        {
            int[] picks = new int[choices.Count];
            long rest = i;
            for (int c = 0; c < picks.Length; c++)
            {
                picks[c] = count <= most ? (int)(rest % choices[c].Options) : random.Next(choices[c].Options);
                rest /= choices[c].Options;
            }

            Dictionary<Node, int> picked = choices.Zip(picks).ToDictionary(pair => pair.First.Node, pair => pair.Second);
            yield return new ModelFileSystem(RootPath, After(_root, picked, []));
        }
    }

    public IDisposable? TryLock(string path, string owner, out string holder)
    {
        holder = owner;
        if (_locked)
        {
            return null;
        }

        _locked = true;
        return new Unlock(this);
    }

    public void CreateDirectories(string path)
    {
        if (Lookup(path) is null)
        {
            CreateDirectories(Path.GetDirectoryName(path)!);
            CreateDirectory(path);
            FlushDirectory(Path.GetDirectoryName(path)!);
        }
    }

    public void CreateDirectory(string path) => Change($"mkdir {Short(path)}", () => Directory(path).Apply(new Link(Name(path), new Node(isDirectory: true))));

    public IStoreFileWriter CreateFile(string path)
    {
        var node = new Node(isDirectory: false);
        Change($"create {Short(path)}", () =>
        {
            if (Lookup(path) is not null)
            {
                throw new IOException($"{path} exists");
            }

            Directory(path).Apply(new Link(Name(path), node));
        });
        return new Writer(this, node, Short(path));
    }

    public IStoreFileReader OpenFile(string path, bool fromDisk = false) => Lookup(path) switch
    {
        null => throw new FileNotFoundException(path),
        { IsDirectory: true } => throw new UnauthorizedAccessException(path),
        { } node => new Reader(node.Content),
    };

    public void FlushDirectory(string path) => Change($"fsync {Short(path)}/", () =>
    {
        Node node = Lookup(path) ?? throw new DirectoryNotFoundException(path);
        node.DurableNames = new(node.Names);
        node.Pending.Clear();
    });

    public void MoveDirectory(string from, string to) => Change($"rename {Short(from)} {Short(to)}", () =>
    {
        if (Lookup(to) is not null)
        {
            throw new IOException($"{to} exists");
        }

        Rename(from, to);
    });

    public void ReplaceFile(string from, string to) => Change($"rename {Short(from)} {Short(to)}", () => Rename(from, to));

    public void DeleteFile(string path) => Change($"unlink {Short(path)}", () =>
    {
        if (Lookup(path) is not { IsDirectory: false })
        {
            throw new FileNotFoundException(path);
        }

        Directory(path).Apply(new Unlink(Name(path)));
    });

    public void DeleteDirectory(string path) => Change($"rmdir {Short(path)}", () =>
    {
        if (Lookup(path) is not { IsDirectory: true, Names.Count: 0 })
        {
            throw new IOException($"{path} is not an empty directory");
        }

        Directory(path).Apply(new Unlink(Name(path)));
    });

    public IReadOnlyList<StoreEntry> Enumerate(string path) =>
        Lookup(path) is { IsDirectory: true } node
            ? [.. node.Names.Select(pair => new StoreEntry(pair.Key, pair.Value.IsDirectory, pair.Value.Content.Length))]
            : [];

    public StoreEntry? Find(string path) => Lookup(path) is { } node ? new StoreEntry(Name(path), node.IsDirectory, node.Content.Length) : null;

    public bool TryClone(string from, string to) => false;

    public bool TryLink(string from, string to) => false;

    public long? AvailableBytes(string path) => Capacity - UsedBytes;

    /// <summary>Changes a file's bytes behind everybody's back.</summary>
    public void Corrupt(string path, Func<byte[], byte[]> change)
    {
        Node node = Lookup(path)!;
        node.Content = node.Durable = change([.. node.Content]);
    }

    private static string Name(string path) => Path.GetFileName(path);

    private static long Used(Node node) => node.Content.Length + node.Names.Values.Sum(Used);

    private string Short(string path) => Path.GetRelativePath(RootPath, path);

    private void Change(string what, Action action)
    {
        BeforeOperation?.Invoke(Operations, what);
        Operations++;
        action();
        AfterOperation?.Invoke(what);
    }

    private void Rename(string from, string to)
    {
        Node directory = Directory(from);
        Assert.Same(directory, Directory(to)); // the protocol never moves between directories, and its atomicity needs that
        directory.Apply(new Renaming(Name(from), Name(to)));
    }

    private Node? Lookup(string path)
    {
        if (path == RootPath)
        {
            return _root;
        }

        Node? node = _root;
        foreach (string part in Path.GetRelativePath(RootPath, path).Split(Path.DirectorySeparatorChar))
        {
            node = node?.Names.GetValueOrDefault(part);
        }

        return node;
    }

    private Node Directory(string path) => Lookup(Path.GetDirectoryName(path)!) ?? throw new DirectoryNotFoundException(path);

    // A file has five fates while it is not flushed; a directory two for each of its changes.
    private static void Collect(Node node, List<Choice> choices)
    {
        if (!node.IsDirectory)
        {
            if (node.IsDirty)
            {
                choices.Add(new Choice(node, 5));
            }

            return;
        }

        if (node.Pending.Count > 0)
        {
            choices.Add(new Choice(node, 1 << node.Pending.Count));
        }

        // Also what only the disk still knows.
        foreach (Node child in node.Names.Values.Concat(node.DurableNames.Values).Concat(node.Pending.OfType<Link>().Select(link => link.Target)).Distinct())
        {
            if (choices.All(choice => choice.Node != child))
            {
                Collect(child, choices);
            }
        }
    }

    private static Node After(Node node, Dictionary<Node, int> picked, Dictionary<Node, Node> made)
    {
        if (made.TryGetValue(node, out Node? copy))
        {
            return copy;
        }

        made[node] = copy = new Node(node.IsDirectory);
        if (!node.IsDirectory)
        {
            copy.Content = copy.Durable = picked.TryGetValue(node, out int fate) ? Fate(node, fate) : node.Durable;
            return copy;
        }

        SortedDictionary<string, Node> names = new(node.DurableNames, StringComparer.Ordinal);
        for (int i = 0; i < node.Pending.Count; i++)
        {
            if ((picked.GetValueOrDefault(node) >> i & 1) != 0)
            {
                node.Pending[i].Apply(names);
            }
        }

        foreach (var (name, child) in names)
        {
            copy.Names[name] = After(child, picked, made);
        }

        copy.DurableNames = new(copy.Names, StringComparer.Ordinal);
        return copy;
    }

    private static byte[] Fate(Node node, int fate)
    {
        byte[] garbage = new byte[node.Content.Length];
        switch (fate)
        {
            case 0:
                return node.Durable; // for a new file: empty
            case 1:
                return node.Content[..(node.Content.Length / 2)];
            case 2:
                return garbage;
            case 3:
                new Random(1).NextBytes(garbage);
                return garbage;
            default:
                return node.Content;
        }
    }

    private sealed record Choice(Node Node, int Options);

    private abstract record NameChange
    {
        public abstract void Apply(SortedDictionary<string, Node> names);
    }

    private sealed record Link(string Name, Node Target) : NameChange
    {
        public override void Apply(SortedDictionary<string, Node> names) => names[Name] = Target;
    }

    private sealed record Unlink(string Name) : NameChange
    {
        public override void Apply(SortedDictionary<string, Node> names) => names.Remove(Name);
    }

    private sealed record Renaming(string From, string To) : NameChange
    {
        public override void Apply(SortedDictionary<string, Node> names)
        {
            if (names.Remove(From, out Node? node))
            {
                names[To] = node;
            }
        }
    }

    private sealed class Node(bool isDirectory)
    {
        public bool IsDirectory { get; } = isDirectory;

        public byte[] Content { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public bool IsDirty { get; set; }

        public SortedDictionary<string, Node> Names { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, Node> DurableNames { get; set; } = new(StringComparer.Ordinal);

        public List<NameChange> Pending { get; } = [];

        public void Apply(NameChange change)
        {
            change.Apply(Names);
            Pending.Add(change);
        }
    }

    private sealed class Writer(ModelFileSystem files, Node node, string name) : IStoreFileWriter
    {
        public void Write(ReadOnlySpan<byte> bytes)
        {
            byte[] added = bytes.ToArray();
            files.Change($"write {name}", () =>
            {
                if (files.Capacity is { } capacity && files.UsedBytes + added.Length > capacity)
                {
                    throw new IOException("No space left on device", 28);
                }

                node.Content = [.. node.Content, .. added];
                node.IsDirty = true;
            });
        }

        public void Flush() => files.Change($"fsync {name}", () =>
        {
            node.Durable = node.Content;
            node.IsDirty = false;
        });

        public void Dispose()
        {
        }
    }

    private sealed class Reader(byte[] content) : IStoreFileReader
    {
        public long Length => content.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            int count = (int)Math.Min(buffer.Length, Math.Max(0, content.Length - offset));
            content.AsSpan((int)offset, count).CopyTo(buffer);
            return count;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Unlock(ModelFileSystem files) : IDisposable
    {
        public void Dispose() => files._locked = false;
    }
}
