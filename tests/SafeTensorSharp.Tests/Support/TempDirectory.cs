namespace SafeTensorSharp.Tests;

/// <summary>A directory of one test, removed after it.</summary>
internal sealed class TempDirectory : IDisposable
{
    public TempDirectory() => FullPath = Directory.CreateTempSubdirectory("safetensors-").FullName;

    public string FullPath { get; }

    public string this[string name] => Path.Combine(FullPath, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(this[name], bytes.ToArray());
        return this[name];
    }

    public string[] Names() => [.. Directory.EnumerateFileSystemEntries(FullPath).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
