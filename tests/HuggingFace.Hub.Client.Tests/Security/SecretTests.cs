using Microsoft.AspNetCore.Http;

namespace HuggingFace.Hub.Client.Tests;

public sealed class SecretTests : HubTest
{
    private const string Token = "hf_VerySecretToken0123456789";
    private readonly List<string> _texts = [];

    [Fact]
    public async Task Token_and_signatures_are_in_no_log_exception_or_progress()
    {
        HubClient hub = Client(setup => setup.Token = Token);
        var progress = new ProgressList();
        await hub.DownloadSnapshotAsync(Gpt2, null, progress);
        _texts.AddRange(progress.Reports.Select(report => report.ToString()));

        // Every way to fail, on the hub and on the CDN, with a server that repeats secrets.
        foreach (int status in new[] { 400, 401, 403, 404, 410, 416, 429, 500, 503, 302, 200, 206, 0 })
        {
            foreach (bool cdn in new[] { false, true })
            {
                await FailAsync(hub, status, cdn);
            }
        }

        _texts.Add(Log.Text);
        _texts.Add(hub.ToString()!);
        _texts.Add(new HubClientOptions { Token = Token }.ToString()!);
        Assert.True(_texts.Count > 40);
        Assert.All(_texts, text =>
        {
            Assert.DoesNotContain("VerySecret", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("secret-signature", text, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Theory]
    [InlineData("https://cdn.example/x?X-Amz-Signature=abc&y=1", "https://cdn.example/x?[redacted]")]
    [InlineData("https://user:pw@cdn.example:8443/x y?z#f", "https://cdn.example:8443/x%20y?[redacted]")]
    [InlineData("https://cdn.example/plain", "https://cdn.example/plain")]
    public void Urls_are_shown_without_queries_and_credentials(string url, string shown) =>
        Assert.Equal(shown, Redaction.Url(new Uri(url)));

    [Theory]
    [InlineData("see https://x.y/z?sig=abc&d=1 for more", "see https://x.y/z?[redacted] for more")]
    [InlineData("token tok123 is bad", "token [redacted] is bad")]
    [InlineData("hf_abcdefghijklmnop leaked", "[redacted] leaked")]
    [InlineData("use hf_hub and hf_xet?", "use hf_hub and hf_xet?")]
    [InlineData("two\r\nlines\u001b[31m", "two\\u000d\\u000alines\\u001b[31m")]
    [InlineData("", "")]
    public void Foreign_texts_are_scrubbed(string text, string shown) => Assert.Equal(shown, Redaction.Scrub(text, "tok123"));

    [Fact]
    public void Endless_texts_are_cut() => Assert.InRange(Redaction.Scrub(new string('x', 100_000), null).Length, 1, 500);

    [Theory]
    [InlineData("with blank")]
    [InlineData("new\nline")]
    [InlineData("ümlaut")]
    public void Token_that_cannot_be_sent_is_refused_without_being_shown(string token)
    {
        HubConfigurationException error = Assert.Throws<HubConfigurationException>(() => Client(setup => setup.Token = token));

        Assert.DoesNotContain(token, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_is_never_given_up()
    {
        var handler = new Answers((request, _) =>
        {
            var answer = new HttpResponseMessage(System.Net.HttpStatusCode.Found);
            answer.Headers.TryAddWithoutValidation("Location", "http://huggingface.co/downgraded?token=x");
            answer.Headers.TryAddWithoutValidation("X-Repo-Commit", C1);
            answer.Headers.TryAddWithoutValidation("X-Linked-Etag", Weights.Sha256);
            return answer;
        });
        HubClient hub = Client(setup => (setup.Handler, setup.Endpoint, setup.Token) = (handler, new Uri("https://huggingface.co"), Token));

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => hub.DownloadFileAsync(Gpt2, Weights.Path));

        Assert.Contains("from https to http", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token=x", error.Message, StringComparison.Ordinal);
        Assert.Single(handler.Seen);
    }

    [Theory]
    [InlineData("https://huggingface.co:8443")]
    [InlineData("https://evil.co")]
    [InlineData("https://huggingface.co.evil.co")]
    public async Task Token_belongs_to_scheme_host_and_port(string other)
    {
        var handler = new Answers((request, _) =>
        {
            var answer = new HttpResponseMessage(System.Net.HttpStatusCode.Found);
            answer.Headers.TryAddWithoutValidation("Location", other + "/file");
            answer.Headers.TryAddWithoutValidation("X-Repo-Commit", C1);
            answer.Headers.TryAddWithoutValidation("X-Linked-Etag", Weights.Sha256);
            return answer;
        });
        HubClient hub = Client(setup => (setup.Handler, setup.Endpoint, setup.Token) = (handler, new Uri("https://huggingface.co"), Token));

        await Assert.ThrowsAnyAsync<HubException>(() => hub.DownloadFileAsync(Gpt2, Weights.Path));

        Assert.Contains(handler.Seen, request => request.Url.StartsWith(other, StringComparison.Ordinal));
        Assert.All(handler.Seen, request =>
            Assert.Equal(request.Url.StartsWith("https://huggingface.co/", StringComparison.Ordinal), request.Authorization is not null));
    }

    [Fact]
    public async Task Next_page_of_a_listing_does_not_go_from_https_to_http_even_where_both_are_trusted()
    {
        var handler = new Answers((request, _) =>
        {
            bool isTree = request.RequestUri!.AbsolutePath.Contains("/tree/", StringComparison.Ordinal);
            var answer = new HttpResponseMessage
            {
                Content = new StringContent(isTree
                    ? $"[{{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"{new string('a', 40)}\"}}]"
                    : $"{{\"sha\":\"{C1}\"}}"),
            };
            answer.Headers.TryAddWithoutValidation("Link", "<http://hub.example/api/more>; rel=\"next\"");
            return answer;
        });
        HubClient hub = Client(setup => (setup.Handler, setup.Endpoint, setup.Trusted, setup.Token) = (
            handler, new Uri("https://hub.example"), [new Uri("http://hub.example")], Token));

        await Assert.ThrowsAsync<HubResponseException>(() => hub.ListFilesAsync(Gpt2));

        Assert.All(handler.Seen, request => Assert.StartsWith("https://", request.Url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mirrors_token_does_not_go_to_the_hub_to_which_it_redirects()
    {
        var handler = new Answers((request, _) =>
        {
            var answer = new HttpResponseMessage(System.Net.HttpStatusCode.PermanentRedirect);
            answer.Headers.TryAddWithoutValidation("Location", "https://huggingface.co" + request.RequestUri!.PathAndQuery);
            return request.RequestUri.Host == "mirror.example" ? answer : new HttpResponseMessage(System.Net.HttpStatusCode.NotFound);
        });
        HubClient hub = Client(setup => (setup.Handler, setup.Endpoint, setup.Token) = (handler, new Uri("https://mirror.example"), Token));

        await Assert.ThrowsAnyAsync<HubException>(() => hub.ListFilesAsync(Gpt2));

        Assert.Equal(
            [("mirror.example", $"Bearer {Token}"), ("huggingface.co", null)],
            handler.Seen.Select(request => (new Uri(request.Url).Host, request.Authorization)));
    }

    [Fact]
    public void Short_name_of_the_hub_is_the_hub_itself() =>
        Assert.Equal(new Uri("https://huggingface.co"), Client(setup => setup.Endpoint = new Uri("https://hf.co")).Endpoint);

    private async Task FailAsync(HubClient hub, int status, bool cdn)
    {
        Server.Intercept = async (context, request) =>
        {
            if (request.IsCdn != cdn)
            {
                return false;
            }

            if (status == 0)
            {
                context.Abort();
                return true;
            }

            context.Response.StatusCode = status;
            context.Response.Headers["X-Error-Message"] = $"You sent {Token}, see https://x.y/?a=secret-signature";
            context.Response.Headers["X-Request-Id"] = $"id-{Token}";
            context.Response.Headers.Location = $"/somewhere?X-Amz-Signature=secret-signature&t={Token}";
            context.Response.Headers["X-Repo-Commit"] = Token;
            context.Response.Headers["X-HF-Warning"] = $"{Token}; {Token}";
            if (request.Method != "HEAD")
            {
                await context.Response.WriteAsync($"{{\"error\": \"{Token}\"}}");
            }

            return true;
        };
        var force = new HubFileOptions { ForceDownload = true };
        _texts.AddRange(await TextOfAsync(() => hub.DownloadFileAsync(Gpt2, Weights.Path, force)));
        _texts.AddRange(await TextOfAsync(() => hub.ListFilesAsync(Gpt2, "other")));
    }

    private static async Task<string[]> TextOfAsync(Func<Task> action)
    {
        try
        {
            await action();
            return [];
        }
        catch (HubException error)
        {
            return [error.ToString(), error.ServerMessage, error.Url ?? "", error.RequestId
                ?? "", string.Join(' ', error.Data.Values.Cast<object>())];
        }
    }

    private sealed class Answers(Func<HttpRequestMessage, int, HttpResponseMessage> answer) : HttpMessageHandler
    {
        private readonly List<(string Url, string? Authorization)> _seen = [];

        public IReadOnlyList<(string Url, string? Authorization)> Seen => _seen;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (_seen)
            {
                _seen.Add((request.RequestUri!.AbsoluteUri, request.Headers.Authorization?.ToString()));
                HttpResponseMessage response = answer(request, _seen.Count);
                response.RequestMessage = request;
                return Task.FromResult(response);
            }
        }
    }
}
