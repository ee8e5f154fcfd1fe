using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace HuggingFace.Hub.FakeHub;

/// <summary>What the CDN answers: files in LFS under signed, expiring addresses.</summary>
public sealed class FakeCdnPages(FakeHubServer server)
{
    private int _generation;

    /// <summary>Makes all addresses that were handed out so far answer 403.</summary>
    public void ExpireUrls() => Interlocked.Increment(ref _generation);

    /// <summary>An address that works for now; "%7E" must come back as it is, not as "~".</summary>
    public string Sign(FakeFile file) =>
        $"{server.CdnUrl.AbsoluteUri}xet-bridge/{file.XetHash}?X-Amz-Signature=secret-signature-{_generation}&Key-Pair-Id=K~1%7E";

    public async Task AnswerAsync(HttpContext context, RecordedRequest request)
    {
        FakeFile? file = server.Repos.Values.SelectMany(repo => repo.Commits.Values).SelectMany(files => files)
            .FirstOrDefault(file => request.Path == $"/xet-bridge/{file.XetHash}");
        if (file is null || !request.Target.Contains($"secret-signature-{_generation}&Key-Pair-Id=K~1%7E", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>");
            return;
        }

        // 64 hexadecimal digits that are no SHA-256 of anything, as the real CDN has them.
        context.Response.Headers.ETag = $"\"{file.XetHash}\"";
        await SendFileAsync(server, context, request, file.Content);
    }

    /// <summary>Sends a file or the range of it that was asked for.</summary>
    public static async Task SendFileAsync(FakeHubServer server, HttpContext context, RecordedRequest request, byte[] content)
    {
        HttpResponse response = context.Response;
        response.Headers.AcceptRanges = "bytes";
        ReadOnlyMemory<byte> part = content;
        if (request.Range is { } range)
        {
            (long start, long end) = ParseRange(range, content.Length);
            if (start >= content.Length || end <= start)
            {
                response.StatusCode = 416;
                response.Headers.ContentRange = $"bytes */{content.Length}";
                return;
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{end - 1}/{content.Length}");
            part = content.AsMemory((int)start, (int)(end - start));
        }

        response.ContentLength = part.Length;
        if (request.Method != "HEAD")
        {
            await server.SendContentAsync(context, request, part);
        }
    }

    /// <summary>The [start, end) of "bytes=a-b" or "bytes=a-".</summary>
    public static (long Start, long End) ParseRange(string range, long length)
    {
        string[] ends = range["bytes=".Length..].Split('-');
        long start = long.Parse(ends[0], CultureInfo.InvariantCulture);
        long last = ends[1].Length == 0 ? length - 1 : Math.Min(length - 1, long.Parse(ends[1], CultureInfo.InvariantCulture));
        return (start, last + 1);
    }
}
