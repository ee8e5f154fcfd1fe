using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Importer.Tests.Inspection.Browser;

/// <summary>
/// A Chromium without a window, driven by its DevTools protocol. It is the one that CHROME_PATH, CHROMIUM_PATH or CHROME_BIN names; else it
/// is looked for on the path and where its installers put it. Tests skip where there is none.
/// </summary>
internal sealed class HeadlessBrowser : IAsyncDisposable
{
    private static readonly string[] Variables = ["CHROME_PATH", "CHROMIUM_PATH", "CHROME_BIN"];

    private static readonly string[] Names =
    [
        "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome-headless-shell", "headless_shell", "microsoft-edge", "msedge",
    ];

    // What is installed without being on the path.
    private static readonly string[] Places =
    [
        "/usr/lib/chromium/chromium", "/usr/lib64/chromium-browser/chromium-browser", "/opt/google/chrome/chrome", "/snap/bin/chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        .. new[] { "ProgramFiles", "ProgramFiles(x86)", "LocalAppData" }.Select(Environment.GetEnvironmentVariable).OfType<string>()
            .SelectMany(folder => new[] { @"Google\Chrome\Application\chrome.exe", @"Microsoft\Edge\Application\msedge.exe" }.Select(name => Path.Combine(folder, name))),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _pending = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private Task _reading = Task.CompletedTask;
    private string? _session;
    private int _last;

    private HeadlessBrowser(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Addresses that the page asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Exceptions, errors on the console, refusals by the content security policy.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Starts the browser and opens a page; skips the test where there is no browser.</summary>
    public static async Task<HeadlessBrowser> OpenAsync(string path)
    {
        string? program = Find();
        Skip.If(program is null, "no Chromium on the path, in its usual places or under CHROME_PATH");
        string profile = Directory.CreateTempSubdirectory("importer-browser-").FullName;
        string[] args =
        [
            "--headless", "--remote-debugging-port=0", $"--user-data-dir={profile}", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1024",
            .. Environment.IsPrivilegedProcess ? ["--no-sandbox"] : (string[])[], "about:blank",
        ];
        var process = Process.Start(new ProcessStartInfo(program!, args) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var browser = new HeadlessBrowser(process, profile);
        try
        {
            await browser.ConnectAsync().WaitAsync(Patience);
            await browser.NavigateAsync(new Uri(path).AbsoluteUri).WaitAsync(Patience);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Evaluates an expression in the page.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(answer["exceptionDetails"] is null, answer["exceptionDetails"]?.ToJsonString());
        return answer["result"]?["value"];
    }

    /// <summary>Presses a key, as a person does.</summary>
    public async Task PressAsync(string key)
    {
        string? text = key == "Enter" ? "\r" : key.Length == 1 ? key : null;
        int code = key switch { "Enter" => 13, "Escape" => 27, "ArrowLeft" => 37, "ArrowUp" => 38, "ArrowRight" => 39, "ArrowDown" => 40, "Tab" => 9, _ => 0 };
        foreach (string type in new[] { "keyDown", "keyUp" })
        {
            var parameters = new JsonObject { ["type"] = type, ["key"] = key, ["windowsVirtualKeyCode"] = code };
            if (text is not null && type == "keyDown")
            {
                parameters["text"] = text;
            }

            await SendAsync("Input.dispatchKeyEvent", parameters);
        }
    }

    /// <summary>Tells the page which colours the person prefers.</summary>
    public Task PreferAsync(string scheme) => SendAsync("Emulation.setEmulatedMedia", new JsonObject
    {
        ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }),
    });

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser that is still on its way out; the directory is the system's temporary one.
        }
    }

    private static string? Find()
    {
        foreach (string variable in Variables)
        {
            // Who names a browser wants these tests: one that is not there fails them.
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named)
            {
                Assert.True(File.Exists(named), $"{variable} is {named}, where there is no file.");
                return named;
            }
        }

        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string ending = OperatingSystem.IsWindows() ? ".exe" : "";
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name + ending))).Concat(Places).FirstOrDefault(File.Exists);
    }

    private async Task ConnectAsync()
    {
        const string announcement = "DevTools listening on ";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("The browser ended before it listened.");
        }
        while (!line.StartsWith(announcement, StringComparison.Ordinal));

        // Read on, or the browser stops when the pipe is full.
        _ = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        await _socket.ConnectAsync(new Uri(line[announcement.Length..].Trim()), CancellationToken.None);
        _reading = ReadAsync();
        var target = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true });
        _session = attached["sessionId"]!.GetValue<string>();
        foreach (string domain in new[] { "Page", "Runtime", "Network", "Log" })
        {
            await SendAsync($"{domain}.enable", []);
        }
    }

    private async Task NavigateAsync(string address)
    {
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await _loaded.Task;
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
    {
        int id = Interlocked.Increment(ref _last);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        var answer = _pending[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            using var message = new MemoryStream();
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);

            if (part.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            Take(JsonNode.Parse(message.ToArray())!);
        }
    }

    private void Take(JsonNode message)
    {
        if (message["id"]?.GetValue<int>() is { } id && _pending.TryRemove(id, out var pending))
        {
            if (message["error"] is { } error)
            {
                pending.SetException(new InvalidOperationException(error.ToJsonString()));
            }
            else
            {
                pending.SetResult(message["result"]!);
            }

            return;
        }

        var parameters = message["params"];
        switch ((string?)message["method"])
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Network.requestWillBeSent":
                _requests.Enqueue(parameters!["request"]!["url"]!.GetValue<string>());
                break;
            case "Runtime.exceptionThrown" or "Log.entryAdded":
                _complaints.Enqueue(parameters!.ToJsonString());
                break;
            case "Runtime.consoleAPICalled" when (string?)parameters!["type"] is "error" or "warning":
                _complaints.Enqueue(parameters.ToJsonString());
                break;
        }
    }
}
