using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SharedSource.IO;

namespace Importer.Inspection.Page;

/// <summary>
/// An inspection as one page for a browser, which needs nothing beside itself: a treemap of the tensors, a table of them that can be
/// searched and sorted, and histograms where there are statistics.
/// </summary>
public static class InspectionPage
{
    // Everything that could end the script element or begin another is escaped: <, >, &, quotes and all that is not ASCII.
    // A configuration may be 64 deep, and stands in a document.
    private static readonly JsonSerializerOptions Escaping = new() { Encoder = JavaScriptEncoder.Default, MaxDepth = 128 };

    /// <summary>Writes the page; it appears whole or not at all.</summary>
    /// <param name="inspection">What to show.</param>
    /// <param name="path">The file, replaced where it is there.</param>
    /// <exception cref="IOException">It cannot be written; what was there is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(CheckpointInspection inspection, string path)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, stream => Write(inspection, stream));
    }

    private static void Write(CheckpointInspection inspection, Stream stream)
    {
        string style = Resource("page.css"), script = Resource("page.js");

        // Each part once and in its place: a part is never looked through for further places.
        foreach (string part in Resource("page.html").Split("{{", StringSplitOptions.None))
        {
            int end = part.IndexOf("}}", StringComparison.Ordinal);
            if (end >= 0)
            {
                switch (part[..end])
                {
                    case "style":
                        Put(style);
                        break;
                    case "script":
                        Put(script);
                        break;
                    case "style-hash":
                        Put(Hash(style));
                        break;
                    case "script-hash":
                        Put(Hash(script));
                        break;
                    default:
                        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = Escaping.Encoder }))
                        {
                            inspection.ToJson().WriteTo(writer, Escaping);
                        }

                        break;
                }
            }

            Put(part[(end < 0 ? 0 : end + 2)..]);
        }

        void Put(string text) => stream.Write(Encoding.UTF8.GetBytes(text));
    }

    // The browser runs this script and no other, whatever a name in the checkpoint may contain.
    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"inspection/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
