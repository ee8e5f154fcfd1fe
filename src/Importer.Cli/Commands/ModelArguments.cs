using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HuggingFace.Hub.Client;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Generation;
using PretrainedTokenizers;
using static TorchSharp.torch;

namespace Importer.Cli.Commands;

/// <summary>Where and how a model is loaded that will run.</summary>
internal sealed class ModelArguments
{
    private readonly Option<string?> _device = new("--device") { HelpName = "DEVICE", Description = "cpu, cuda or cuda:N; by default a GPU where there is one.", CustomParser = ParseDevice };
    private readonly Option<ScalarType?> _dtype = new("--dtype") { HelpName = "DTYPE", Description = "f32, bf16, f16 or f64; f32 by default.", CustomParser = ParseDType };
    private readonly Option<string?> _tokenizer = new("--tokenizer") { HelpName = "MODEL", Description = "Another tokenizer than the model's own: a directory or an id." };
    private readonly HubArguments _hub = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_device);
        command.Options.Add(_dtype);
        command.Options.Add(_tokenizer);
        _hub.AddTo(command);
    }

    /// <summary>Loads a model with its tokenizer; a download shows its progress.</summary>
    public async Task<TextGenerator> LoadAsync(string source, CliConsole console, ParseResult parsed, bool quiet, CancellationToken cancellationToken)
    {
        using var log = new HubLog(console.Error, show: !quiet);
        using var client = _hub.CreateClient(parsed, log);
        try
        {
            return await LoadAsync(source, console, parsed, quiet, log, client, cancellationToken).ConfigureAwait(false);
        }
        catch (TokenizerNotFoundException e) when (parsed.GetValue(_tokenizer) is null)
        {
            throw new CommandFailedException(
                ExitCode.NotFound, $"{e.Message.TrimEnd('.')}, or name another tokenizer with --tokenizer: a directory, or an id such as openai-community/gpt2.");
        }
    }

    private async Task<TextGenerator> LoadAsync(
        string source, CliConsole console, ParseResult parsed, bool quiet, HubLog log, HubClient client, CancellationToken cancellationToken) =>
        await ProgressDisplay.RunAsync(console, show: !quiet, progress => TextGenerator.FromPretrainedAsync(
            source,
            new()
            {
                Device = Device(parsed.GetValue(_device)),
                DType = parsed.GetValue(_dtype),
                Tokenizer = parsed.GetValue(_tokenizer),
                Hub = _hub.Access(parsed, client, progress.Download),
            },
            cancellationToken), log).ConfigureAwait(false);

    private static Device? Device(string? name)
    {
        if (name is null or "cpu")
        {
            return name is null ? null : CPU;
        }

        int index = name.Length > 5 ? int.Parse(name.AsSpan(5), CultureInfo.InvariantCulture) : 0;
        int count = cuda.is_available() ? cuda.device_count() : 0;
        return index < count
            ? CUDA_(index)
            : throw new ArgumentException($"There is no {name}: this torch sees {count} CUDA devices. import-weights doctor says what is in use.");

        static Device CUDA_(int index) => new(TorchSharp.DeviceType.CUDA, index);
    }

    private static string? ParseDevice(ArgumentResult result)
    {
        string text = result.Tokens[0].Value.ToLowerInvariant();
        if (text is "cpu" or "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal) && ushort.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return text;
        }

        result.AddError($"'{text}' is no device; choose cpu, cuda or cuda:N.");
        return null;
    }

    private static ScalarType? ParseDType(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text.ToLowerInvariant())
        {
            case "f32" or "float32" or "float":
                return ScalarType.Float32;
            case "bf16" or "bfloat16":
                return ScalarType.BFloat16;
            case "f16" or "float16" or "half":
                return ScalarType.Float16;
            case "f64" or "float64" or "double":
                return ScalarType.Float64;
            default:
                result.AddError($"'{text}' is no dtype for a model; choose f32, bf16, f16 or f64.");
                return null;
        }
    }
}
