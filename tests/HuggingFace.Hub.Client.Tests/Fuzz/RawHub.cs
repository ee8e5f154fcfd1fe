using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>
/// A hub and its CDN on bare sockets, for answers that no web server would send. One repository with two files; each right answer passes
/// through a function that may break it.
/// </summary>
public sealed class RawHub : IAsyncDisposable
{
    public const string Repo = "fuzz/repo";
    public const string Commit = "cccccccccccccccccccccccccccccccccccccccc";

    private readonly TcpListener _hub = new(IPAddress.Loopback, 0);
    private readonly TcpListener _cdn = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeFile[] _files;
    private readonly Action<RawAnswer> _break;
    private readonly Task _serving;
    private int _requests;

    public RawHub(FakeFile[] files, Action<RawAnswer> breakAnswer)
    {
        _files = files;
        _break = breakAnswer;
        _hub.Start();
        _cdn.Start();
        _serving = Task.WhenAll(AcceptAsync(_hub), AcceptAsync(_cdn));
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_hub.LocalEndpoint).Port}");

    public int Requests => _requests;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _hub.Stop();
        _cdn.Stop();
        await _serving;
        _hub.Dispose();
        _cdn.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(_stop.Token);
                open.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception error) when (
            error is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                while (await ReadRequestAsync(stream) is { } request)
                {
                    Interlocked.Increment(ref _requests);
                    RawAnswer answer = Answer(request.Method, request.Target, request.Range);
                    lock (_break)
                    {
                        _break(answer);
                    }

                    byte[] bytes = answer.ToBytes(headersOnly: request.Method == "HEAD");
                    await stream.WriteAsync(bytes.AsMemory(0, Math.Min(bytes.Length, answer.CutAt ?? bytes.Length)), _stop.Token);
                    if (answer.Stalls)
                    {
                        await Task.Delay(Timeout.Infinite, _stop.Token);
                    }

                    if (answer.CutAt is not null)
                    {
                        return;
                    }
                }
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task<(string Method, string Target, string? Range)?> ReadRequestAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        while (length < buffer.Length)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(length), _stop.Token);
            if (count == 0)
            {
                return null;
            }

            length += count;
            string text = Encoding.ASCII.GetString(buffer, 0, length);
            if (text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                string[] lines = text.Split("\r\n");
                string[] first = lines[0].Split(' ');
                string? range = lines.FirstOrDefault(
                    line => line.StartsWith("Range: ", StringComparison.OrdinalIgnoreCase))?["Range: ".Length..];
                return (first[0], first[1], range);
            }
        }

        return null;
    }

    private RawAnswer Answer(string method, string target, string? range)
    {
        string path = target.Split('?')[0];
        var answer = new RawAnswer();
        if (path.EndsWith("/revision/main", StringComparison.Ordinal))
        {
            answer.Body = JsonSerializer.SerializeToUtf8Bytes(new { id = Repo, sha = Commit });
        }
        else if (path.Contains("/tree/", StringComparison.Ordinal))
        {
            answer.Body = JsonSerializer.SerializeToUtf8Bytes(_files.Select(Entry));
        }
        else if (_files.FirstOrDefault(file => path.EndsWith("/" + file.Path, StringComparison.Ordinal)) is { } file)
        {
            return Resolve(answer, file, method, range);
        }
        else if (_files.FirstOrDefault(file => path == "/cdn/" + file.Sha256) is { } content)
        {
            return Content(answer, content, range);
        }
        else
        {
            answer.StatusLine = "HTTP/1.1 404 Not Found";
            answer.Set("X-Error-Code", "EntryNotFound");
            answer.Set("X-Repo-Commit", Commit);
        }

        return answer.WithLength();
    }

    private static object Entry(FakeFile file) => file.IsLfs
        ? new
        {
            type = "file",
            oid = file.PointerHash,
            size = file.Content.Length,
            path = file.Path,
            lfs = new { oid = file.Sha256, size = file.Content.Length },
            xetHash = file.XetHash
        }
        : new { type = "file", oid = file.GitHash, size = file.Content.Length, path = file.Path };

    private RawAnswer Resolve(RawAnswer answer, FakeFile file, string method, string? range)
    {
        answer.Set("X-Repo-Commit", Commit);
        answer.Set("X-Linked-Etag", $"\"{file.ETag}\"");
        if (!file.IsLfs)
        {
            answer.Set("ETag", $"\"{file.ETag}\"");
            return Content(answer, file, method == "HEAD" ? null : range);
        }

        answer.StatusLine = "HTTP/1.1 302 Found";
        answer.Set("X-Linked-Size", file.Content.Length.ToString(CultureInfo.InvariantCulture));
        answer.Set("Location", $"http://127.0.0.1:{((IPEndPoint)_cdn.LocalEndpoint).Port}/cdn/{file.Sha256}?signature=abc");
        answer.Body = "Found. Redirecting"u8.ToArray();
        return answer.WithLength();
    }

    private static RawAnswer Content(RawAnswer answer, FakeFile file, string? range)
    {
        answer.Body = file.Content;
        if (range is not null)
        {
            (long start, long end) = FakeCdnPages.ParseRange(range, file.Content.Length);
            if (start >= end)
            {
                answer.StatusLine = "HTTP/1.1 416 Range Not Satisfiable";
                answer.Body = [];
                return answer.WithLength();
            }

            answer.StatusLine = "HTTP/1.1 206 Partial Content";
            answer.Set("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{end - 1}/{file.Content.Length}"));
            answer.Body = file.Content[(int)start..(int)end];
        }

        return answer.WithLength();
    }
}
