using System.Runtime.InteropServices;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Inspection;

/// <summary>Checkpoints for a test: fixtures with tensors changed, or tensors alone.</summary>
internal static class StoredModel
{
    /// <summary>One tensor as it is stored.</summary>
    public sealed record Stored(string Name, DType DType, long[] Shape, byte[] Data)
    {
        public static Stored Of<T>(string name, DType dtype, params T[] values)
            where T : unmanaged => new(name, dtype, [values.Length], [.. MemoryMarshal.AsBytes(values.AsSpan())]);
    }

    /// <summary>Writes a file of tensors.</summary>
    public static string Write(string path, params IEnumerable<Stored> tensors)
    {
        SafeTensorWriter.Write(path, tensors.Select(t => SafeTensorEntry.FromBytes(t.Name, t.DType, t.Shape, t.Data)));
        return path;
    }

    /// <summary>The tensors of a file.</summary>
    public static IReadOnlyList<Stored> Read(string path)
    {
        using var file = SafeTensorFile.Open(path);
        return [.. file.Header.Tensors.Select(info => new Stored(info.Name, info.DType, [.. info.Shape], file.ReadBytes(info.Name)))];
    }

    /// <summary>A copy of a fixture with changed tensors; null leaves one out.</summary>
    public static string Change(TemporaryDirectory directory, string fixture, string newName, Func<Stored, Stored?> change, params Stored[] added)
    {
        string copy = directory.CopyFixture(fixture, newName), weights = Path.Combine(copy, "model.safetensors");
        Write(weights, [.. Read(weights).Select(change).OfType<Stored>(), .. added]);
        return copy;
    }
}
