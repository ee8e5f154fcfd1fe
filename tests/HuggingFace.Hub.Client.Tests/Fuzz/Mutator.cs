using System.Globalization;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>Breaks answers at random, the same way for the same seed.</summary>
public sealed class Mutator(int seed)
{
    private static readonly string[] Statuses =
    [
        "200 OK", "201 Created", "204 No Content", "206 Partial Content", "301 Moved", "302 Found", "304 Not Modified", "307 Temporary",
            "308 Permanent",
        "400 Bad", "401 Unauthorized", "403 Forbidden", "404 Not Found", "408 Timeout", "410 Gone", "416 Range", "429 Slow down",
            "500 Oops", "502 Bad",
        "503 Busy", "599 Odd", "999 Strange", "099 Low", "abc", "",
    ];

    private static readonly string[] Values =
    [
        "", "0", "-1", "1", "99999999999999999999", "abc", "\"x\"", "W/\"\"", "../../x", new string('a', 40), new string('A', 64),
            new string('f', 9000),
        "bytes 0-0/1", "bytes 5-4/3", "bytes */10", "bytes 0-65535/*", "gzip", "identity", "chunked", "\u00ff\u00fe", "text/html", "1, 2",
    ];

    private static readonly string[] Names =
    [
        "Content-Length", "Content-Range", "Content-Encoding", "Transfer-Encoding", "X-Repo-Commit", "X-Linked-Etag", "X-Linked-Size",
            "ETag", "Location",
        "Link", "X-Error-Code", "X-Error-Message", "Retry-After", "RateLimit", "X-Xet-Hash", "Content-Type", "Connection", "Date",
            "bad header",
    ];

    private static readonly string[] Locations =
    [
        "/", "", "?", "//", "http://", "http://127.0.0.1:1/x", "/fuzz/repo/resolve/main/config.json", "javascript:x",
            "http://[::1", "../../..", "\\\\host\\x",
        "https://127.0.0.1:1/", "http://a b/",
    ];

    private readonly Random _random = new(seed);

    /// <summary>How often an answer is broken in this case: sometimes never, sometimes nearly always.</summary>
    private readonly double _rate = new Random(seed).NextDouble() switch { < 0.1 => 0, < 0.7 => 0.25, _ => 0.7 };

    public int Broken { get; private set; }

    public void Break(RawAnswer answer)
    {
        while (_random.NextDouble() < _rate)
        {
            Broken++;
            BreakOnce(answer);
        }
    }

    private void BreakOnce(RawAnswer answer)
    {
        switch (_random.Next(14))
        {
            case 0:
                answer.StatusLine = "HTTP/1.1 " + Pick(Statuses);
                break;
            case 1:
                answer.StatusLine = Pick(["HTTP/1.0 200 OK", "HTTP/2 200", "ICY 200 OK", "\0\0\0", "HTTP/1.1"]);
                break;
            case 2 when answer.Headers.Count > 0:
                answer.Headers.RemoveAt(_random.Next(answer.Headers.Count));
                break;
            case 3:
                answer.Set(Pick(Names), Pick(Values));
                break;
            case 4:
                answer.Headers.Add((Pick(Names), Pick(Values)));
                break;
            case 5:
                answer.StatusLine = $"HTTP/1.1 {Pick(["301", "302", "307", "308"])} Moved";
                answer.Set("Location", Pick(Locations));
                break;
            case 6:
                answer.CutAt = _random.Next(answer.Body.Length + 300);
                break;
            case 7 when answer.Body.Length > 0:
                answer.Body = Flip(answer.Body);
                break;
            case 8:
                answer.Body = answer.Body[.._random.Next(answer.Body.Length + 1)];
                Relength(answer);
                break;
            case 9:
                answer.Body = [.. answer.Body, .. new byte[_random.Next(1, 5000)]];
                Relength(answer);
                break;
            case 10:
                answer.Body = "<html><body>Sorry</body></html>"u8.ToArray();
                answer.Set("Content-Type", "text/html");
                Relength(answer);
                break;
            case 11:
                answer.Body = Compression.Compress(answer.Body, "gzip");
                answer.Set("Content-Encoding", Pick(["gzip", "br", "deflate", "zstd"]));
                answer.WithLength();
                break;
            case 12 when _random.Next(4) == 0:
                answer.Stalls = true;
                answer.CutAt = _random.Next(answer.Body.Length + 300);
                break;
            default:
                answer.Set("Content-Length", (answer.Body.Length + _random.Next(-20, 20)).ToString(CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>Mostly the length of the new body, sometimes still that of the old one.</summary>
    private void Relength(RawAnswer answer)
    {
        if (_random.Next(3) > 0)
        {
            answer.WithLength();
        }
    }

    private byte[] Flip(byte[] body)
    {
        byte[] copy = [.. body];
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            copy[_random.Next(copy.Length)] ^= (byte)(1 << _random.Next(8));
        }

        return copy;
    }

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
