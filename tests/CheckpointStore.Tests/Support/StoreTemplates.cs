using System.Collections.Concurrent;

namespace CheckpointStorage.Tests;

/// <summary>Stores after so many saves, made once and copied: flushing is what takes the time.</summary>
internal sealed class StoreTemplates(int length)
{
    private readonly ConcurrentDictionary<int, ModelFileSystem> _made = new();

    public void Copy(int saves, string target)
    {
        ModelFileSystem files = _made.GetOrAdd(saves, count =>
        {
            var model = new ModelFileSystem(Path.GetFullPath("/template"));
            using var store = CheckpointStore.Open(model.RootPath, null, model);
            for (int step = 1; step <= count; step++)
            {
                store.SaveAsync(Sample.Content(step, 1.0 / (step + 1), length)).Wait();
            }

            return model;
        });
        Copy(files, files.RootPath, target);
    }

    private static void Copy(ModelFileSystem files, string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (IO.StoreEntry entry in files.Enumerate(from))
        {
            (string source, string target) = (Path.Combine(from, entry.Name), Path.Combine(to, entry.Name));
            if (entry.IsDirectory)
            {
                Copy(files, source, target);
                continue;
            }

            using IO.IStoreFileReader reader = files.OpenFile(source);
            byte[] bytes = new byte[reader.Length];
            reader.Read(bytes, 0);
            File.WriteAllBytes(target, bytes);
        }
    }
}
