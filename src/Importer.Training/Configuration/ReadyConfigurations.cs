using System.Reflection;

namespace Importer.Training;

/// <summary>Configurations that come with this library: nanoGPT's recipes.</summary>
public static class ReadyConfigurations
{
    private const string Prefix = "configurations/", Suffix = ".json";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length]).Order(StringComparer.Ordinal),
    ];

    private static Assembly Assembly => typeof(ReadyConfigurations).Assembly;

    /// <summary>The JSON of a ready configuration.</summary>
    /// <param name="name">Its name, or what nanoGPT calls it: <c>config/finetune_shakespeare.py</c>.</param>
    /// <returns>Null where there is none of that name.</returns>
    public static byte[]? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using var stream = Assembly.GetManifestResourceStream($"{Prefix}{NameOf(name)}{Suffix}");
        if (stream is null)
        {
            return null;
        }

        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    internal static string NameOf(string written)
    {
        string name = written.Replace('\\', '/');
        name = name.StartsWith("config/", StringComparison.Ordinal) ? name["config/".Length..] : name;
        name = name.EndsWith(".py", StringComparison.Ordinal) ? name[..^3] : name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
        return name.Replace('_', '-');
    }
}
