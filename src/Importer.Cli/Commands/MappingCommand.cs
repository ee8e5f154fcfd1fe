using System.CommandLine;
using Importer.Cli.Output;
using Importer.Conversion;
using Importer.Mapping;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights mapping list|check|explain</c>: the tables that say which tensor fills which parameter.</summary>
internal sealed class MappingCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document on standard output." };
    private readonly CliConsole _console;

    private MappingCommand(CliConsole console) => _console = console;

    /// <summary>The command with its three.</summary>
    public static Command Create(CliConsole console)
    {
        var command = new MappingCommand(console);
        return new Command("mapping", "The tables that say which tensor of a checkpoint fills which parameter: list, check, explain.")
        {
            command.List(), command.Check(), command.Explain(),
        };
    }

    private Command List()
    {
        var command = new Command("list", "Say which tables there are, their versions and what they are for.") { _json };
        command.SetAction(parsed =>
        {
            var mappings = MappingCatalog.BuiltIn.Mappings;
            _console.Out.Write(parsed.GetValue(_json) ? MappingJson.List(mappings) : MappingText.List(mappings));
            return ExitCode.Success;
        });
        return command;
    }

    private Command Check()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A table, as mappings/README.md explains them." };
        var against = new Option<string?>("--against") { Description = "Also plan this model with it: an id, a directory, or a weights file in one.", HelpName = "SOURCE" };
        var hub = new HubArguments();
        var command = new Command("check", "Prove a table: its form, that no tensor is claimed and no parameter filled twice, shapes, squares.")
        {
            file, against, _json,
        };
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(file).FullName;
            bool json = parsed.GetValue(_json);
            if (WeightMapping.Check(path) is { Count: > 0 } problems)
            {
                // What is wrong is the result here, all of it.
                await _console.Out.WriteAsync(json ? MappingJson.Faults(path, problems) : MappingText.Faults(problems)).ConfigureAwait(false);
                return ExitCode.Integrity;
            }

            var mapping = WeightMapping.Load(path);
            ImportPlan? plan = null;
            if (parsed.GetValue(against) is { } source)
            {
                using var log = new HubLog(_console.Error, show: true);
                using var client = hub.CreateClient(parsed, log);
                var options = new ImportOptions { MappingFile = path, Hub = hub.Access(parsed, client, null) };
                plan = await WeightImporter.PlanFromHeadersAsync(source, ".", options, cancellationToken).ConfigureAwait(false);
            }

            await _console.Out.WriteAsync(json ? MappingJson.Checked(mapping, plan) : MappingText.Checked(mapping, plan)).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private Command Explain()
    {
        var source = new Argument<string>("SOURCE") { Description = "A model's id on the hub, a model directory, or a weights file in one." };
        var name = new Argument<string>("NAME") { Description = "A tensor of the checkpoint, or a parameter of the model." };
        var file = MappingOption();
        var hub = new HubArguments();
        var command = new Command("explain", "Say where one tensor goes, or one parameter comes from, and why.") { source, name, file, _json };
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var log = new HubLog(_console.Error, show: true);
            using var client = hub.CreateClient(parsed, log);
            var options = new ImportOptions { MappingFile = parsed.GetValue(file), Hub = hub.Access(parsed, client, null) };
            var explanation = await WeightImporter.ExplainAsync(
                parsed.GetRequiredValue(source), parsed.GetRequiredValue(name), options, cancellationToken).ConfigureAwait(false);
            await _console.Out.WriteAsync(parsed.GetValue(_json) ? MappingJson.Explained(explanation) : MappingText.Explained(explanation)).ConfigureAwait(false);
            return explanation.Fate switch
            {
                TensorFate.Unknown => ExitCode.NotFound,
                TensorFate.Missing or TensorFate.Misfit or TensorFate.Unexpected => ExitCode.Integrity,
                _ => ExitCode.Success,
            };
        });
        return command;
    }

    /// <summary>The option for a table of one's own, for every command that plans.</summary>
    public static Option<string?> MappingOption(string description = "A mapping table of your own, instead of the one that fits.") =>
        new("--mapping") { Description = description, HelpName = "FILE" };
}
