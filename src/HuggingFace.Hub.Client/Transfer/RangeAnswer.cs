using System.Net;
using System.Net.Http.Headers;

namespace HuggingFace.Hub.Client;

/// <summary>Checks the headers of an answer that carries a file or a part of it.</summary>
internal static class RangeAnswer
{
    /// <summary>Where the bytes of the answer belong.</summary>
    /// <exception cref="HubResponseException">The answer is not what was asked for.</exception>
    public static (long Start, long? End, long? Total) Check(
        HubResponse response, HubErrorContext context, long? start, long? end, long? size)
    {
        bool encoded = ContentDecoding.Find(response.Message).Count > 0;
        long? length = response.Message.Content.Headers.ContentLength;
        if (response.Status == HttpStatusCode.OK)
        {
            // Compressed, the length is not the file's; then it must be known from elsewhere, or a small body could fill the disk.
            if (encoded && size is null)
            {
                throw Wrong(context, "sent a compressed body of a file whose size is unknown");
            }

            long? total = encoded ? null : length;
            return total is not null && size is not null && total != size
                ? throw Wrong(context, $"sent {total} bytes for a file of {size}")
                : (0, total ?? size, total ?? size);
        }

        if (response.Status != HttpStatusCode.PartialContent || start is null)
        {
            throw Wrong(context, $"answered with the unexpected status {(int)response.Status}");
        }

        if (encoded)
        {
            throw Wrong(context, "compressed a range of the file");
        }

        return CheckPartial(response.Message.Content.Headers.ContentRange, context, start.Value, end, size, length);
    }

    private static (long Start, long? End, long? Total) CheckPartial(
        ContentRangeHeaderValue? range, HubErrorContext context, long start, long? end, long? size, long? length)
    {
        if (range is not { Unit: "bytes", From: { } from, To: { } to })
        {
            throw Wrong(context, "answered with a range without a usable Content-Range header");
        }

        if (from != start || to < from || to >= (end ?? size ?? long.MaxValue))
        {
            throw Wrong(context, $"sent the bytes {from}-{to} instead of {start}-{end - 1}");
        }

        if (range.Length is { } total && ((size is not null && total != size) || to >= total))
        {
            throw Wrong(context, $"says that the file has {total} bytes instead of {size}");
        }

        return length is not null && length != to - from + 1
            ? throw Wrong(context, $"announces {length} bytes for the range {from}-{to}")
            : (from, to + 1, range.Length);
    }

    private static HubResponseException Wrong(HubErrorContext context, string what) =>
        new(context, $"{context.Url} {what}; nothing of it was used.")
        {
            IsTransient = true,
            RangeIsTheTrouble = true,
        };
}
