using System.IO.Compression;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>Compresses as servers do.</summary>
public static class Compression
{
    public static byte[] Compress(byte[] content, string encoding)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Fastest),
            "br" => new BrotliStream(target, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(target, CompressionLevel.Fastest),
            _ => throw new ArgumentException(encoding, nameof(encoding)),
        })
        {
            stream.Write(content);
        }

        return target.ToArray();
    }
}
