using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HuggingFace.Hub.Client;

/// <summary>Asks the hub's API and reads its JSON, within limits.</summary>
internal sealed class JsonReader(HubSettings settings, HubTransport transport)
{
    private const int MaxBytes = 64 << 20;

    /// <summary>The value and the answer's Link header.</summary>
    /// <exception cref="HubException">The API refused, or its answer is no such JSON.</exception>
    public async Task<(T Value, string? Link)> GetAsync<T>(
        Uri url, HubErrorContext context, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var request = new HubRequest(HttpMethod.Get, url, RedirectMode.HubOnly, context, settings.MetadataTimeout) { Json = true };
        using HubResponse response = await transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw await transport.Errors.ToExceptionAsync(request, response, cancellationToken).ConfigureAwait(false);
        }

        HubErrorContext described = transport.Errors.Describe(context, response);
        using BodyReader body = await BodyReader.OpenAsync(response, described, settings, cancellationToken).ConfigureAwait(false);
        byte[] bytes = await ReadAllAsync(body, response, described, cancellationToken).ConfigureAwait(false);
        try
        {
            T value = JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("null");
            return (value, HubHeaders.Find(response.Message, "Link"));
        }
        catch (JsonException error)
        {
            throw new HubResponseException(
                described,
                $"{described.Url} did not answer with the expected JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine}).")
            {
                AllowsCacheFallback = true,
            };
        }
    }

    private static async Task<byte[]> ReadAllAsync(
        BodyReader body, HubResponse response, HubErrorContext context, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[32 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MaxBytes)
            {
                throw new HubResponseException(context, $"{context.Url} answered with more than {MaxBytes} bytes of JSON.");
            }
        }

        // Chunked bodies end with an error when cut; those with a length may just end with some servers.
        long? announced = response.Message.Content.Headers.ContentLength;
        return announced is null || ContentDecoding.Find(response.Message).Count > 0 || announced == bytes.Length
            ? bytes.ToArray()
            : throw new HubNetworkException(context, $"{context.Url} sent {bytes.Length} of {announced} bytes.");
    }
}
