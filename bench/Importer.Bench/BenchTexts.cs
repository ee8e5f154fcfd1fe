using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Resources;
using System.Text;
using System.Text.RegularExpressions;

namespace Importer.Bench;

/// <summary>
/// Real text that is on every machine that can build this: the .NET SDK's reference documentation (English prose about code) and its messages
/// in Chinese. A file named by BENCH_ENGLISH or BENCH_CHINESE takes its place.
/// </summary>
internal static partial class BenchTexts
{
    private const int MaxCharacters = 4 << 20;

    public static string? English() => FromEnvironment("BENCH_ENGLISH") ?? Collect(
        "packs/Microsoft.NETCore.App.Ref", "*.xml", WithoutTags);

    public static string? Chinese() => FromEnvironment("BENCH_CHINESE") ?? Collect("sdk", "zh-Hans/*.resources.dll", Resources);

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } path ? File.ReadAllText(path) : null;

    private static string? Collect(string folder, string pattern, Func<string, string> read)
    {
        // …/shared/Microsoft.NETCore.App/10.0.x/ is where the runtime lies.
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", folder));
        if (!Directory.Exists(root))
        {
            return null;
        }

        StringBuilder text = new();
        HashSet<string> seen = [];
        string folderName = Path.GetDirectoryName(pattern)!;
        var files = Directory.EnumerateFiles(root, Path.GetFileName(pattern), SearchOption.AllDirectories)
            .Where(file => folderName.Length == 0 || Path.GetFileName(Path.GetDirectoryName(file)) == folderName);
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            // The same file is there several times; text that comes again would only measure the cache.
            if (text.Length < MaxCharacters && seen.Add(Path.GetFileName(file)))
            {
                text.Append(read(file));
            }
        }

        return text.Length == 0 ? null : text.ToString(0, Math.Min(text.Length, MaxCharacters));
    }

    private static string WithoutTags(string file)
    {
        const StringSplitOptions Lines = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return string.Join('\n', Tags().Replace(File.ReadAllText(file), " ").Split('\n', Lines));
    }

    private static string Resources(string file)
    {
        StringBuilder text = new();
        using FileStream stream = File.OpenRead(file);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        foreach (ManifestResourceHandle handle in metadata.ManifestResources)
        {
            ManifestResource resource = metadata.GetManifestResource(handle);
            string name = metadata.GetString(resource.Name);
            if (!resource.Implementation.IsNil || !name.EndsWith(".resources", StringComparison.Ordinal))
            {
                continue;
            }

            int section = image.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress;
            BlobReader data = image.GetSectionData(section + (int)resource.Offset).GetReader();
            using MemoryStream bytes = new(data.ReadBytes(data.ReadInt32()));
            using ResourceReader reader = new(bytes);
            var entries = reader.GetEnumerator();
            while (entries.MoveNext())
            {
                reader.GetResourceData((string)entries.Key, out string type, out byte[] value);
                if (type == "ResourceTypeCode.String")
                {
                    using BinaryReader content = new(new MemoryStream(value));
                    text.Append(content.ReadString()).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}
