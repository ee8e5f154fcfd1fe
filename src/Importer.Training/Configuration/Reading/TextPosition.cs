using System.Globalization;
using System.Text;

namespace Importer.Training;

/// <summary>Where in a file a byte is, as editors count.</summary>
internal static class TextPosition
{
    /// <summary><c>FILE, line 3, column 5</c>.</summary>
    public static string Of(string file, ReadOnlySpan<byte> content, long at)
    {
        var before = content[..(int)Math.Clamp(at, 0, content.Length)];
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return Of(file, line, column);
    }

    /// <inheritdoc cref="Of(string, ReadOnlySpan{byte}, long)"/>
    public static string Of(string file, int line, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"{DisplayText.Escape(file)}, line {line}, column {column}");
}
