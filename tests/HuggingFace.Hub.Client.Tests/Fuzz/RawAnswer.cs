using System.Globalization;
using System.Text;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>An answer before it is put on the wire; everything in it can be made wrong.</summary>
public sealed class RawAnswer
{
    public string StatusLine { get; set; } = "HTTP/1.1 200 OK";

    public List<(string Name, string Value)> Headers { get; } = [];

    public byte[] Body { get; set; } = [];

    /// <summary>After how many bytes on the wire the connection breaks; null for never.</summary>
    public int? CutAt { get; set; }

    /// <summary>Whether the server then says nothing more instead of closing.</summary>
    public bool Stalls { get; set; }

    public void Set(string name, string value)
    {
        Headers.RemoveAll(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        Headers.Add((name, value));
    }

    public RawAnswer WithLength()
    {
        Set("Content-Length", Body.Length.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    public byte[] ToBytes(bool headersOnly)
    {
        var text = new StringBuilder(StatusLine).Append("\r\n");
        foreach ((string name, string value) in Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        byte[] head = Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
        return headersOnly ? head : [.. head, .. Body];
    }
}
