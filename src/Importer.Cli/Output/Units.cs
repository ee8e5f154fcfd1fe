using System.Globalization;

namespace Importer.Cli.Output;

/// <summary>Quantities as people read them.</summary>
internal static class Units
{
    /// <summary>Bytes in decimal units: 548.1 MB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };

    /// <summary>A count with its noun: 1 tensor, 148 tensors.</summary>
    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>A time span: 0.42 s, 2:05, 3:02:05, 5d 3h.</summary>
    public static string Time(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.00} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}:{span.Seconds:00}"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Hours}:{span.Minutes:00}:{span.Seconds:00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.Days}d {span.Hours}h"),
    };

    /// <summary>Parameters: 124.4 M.</summary>
    public static string Parameters(long count) => count switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count:N0}"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.0} M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.00} G"),
    };
}
