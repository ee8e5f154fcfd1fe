using System.CommandLine;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Importer.Inspection.Verification;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights verify DIR</c>: whether a checkpoint on disk is whole.</summary>
internal static class VerifyCommand
{
    public static Command Create(CliConsole console)
    {
        var directory = new Argument<string>("DIR") { Description = "An imported directory, a model directory, a snapshot in the cache, or a weights file." };
        var values = new Option<bool>("--values") { Description = "Read every value too; NaN and infinite ones are problems." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress and no result but the exit code." };
        var mapping = MappingCommand.MappingOption();
        var command = new Command("verify", """
            Check that a checkpoint on disk is whole: hashes, headers, shards, configuration, mapping. A line for each problem.

            An import is held against its manifest, a snapshot in the cache against its blobs' names.
            Exit codes: 0 nothing is wrong, 5 something is, others for errors.
            """)
        {
            directory, values, mapping, json, quiet,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            bool isQuiet = parsed.GetValue(quiet);
            var verification = await ProgressDisplay.RunAsync(console, show: !isQuiet, progress => CheckpointVerifier.VerifyAsync(
                parsed.GetRequiredValue(directory),
                new VerificationOptions { Values = parsed.GetValue(values), MappingFile = parsed.GetValue(mapping), Progress = progress.Inspection },
                cancellationToken)).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                await console.Out.WriteAsync(JsonOutput.Render(verification.ToJson())).ConfigureAwait(false);
            }
            else if (!isQuiet)
            {
                await WriteAsync(console.Out, verification).ConfigureAwait(false);
            }

            return verification.IsIntact ? ExitCode.Success : ExitCode.Integrity;
        });
        return command;
    }

    private static async Task WriteAsync(TextWriter output, CheckpointVerification verification)
    {
        foreach (var problem in verification.Problems)
        {
            string where = problem.File is null ? "" : $"{TerminalText.Line(problem.File)}: ";
            await output.WriteLineAsync($"{problem.Kind.ToString().ToLowerInvariant()}: {where}{TerminalText.Line(problem.Message)}").ConfigureAwait(false);
        }

        foreach (string note in verification.Notes)
        {
            await output.WriteLineAsync($"note: {TerminalText.Line(note)}").ConfigureAwait(false);
        }

        string hashed = verification.BytesHashed == 0 ? "" : $", {Units.Bytes(verification.BytesHashed)} hashed";
        string tensors = verification.Tensors == 0 ? "" : $", {Units.Count(verification.Tensors, "tensor")}";
        await output.WriteLineAsync(
            $"{verification.Kind.ToString().ToLowerInvariant()} {TerminalText.Line(verification.Directory)}: {Units.Count(verification.Files, "file")} checked{hashed}{tensors}; " +
            $"{Units.Count(verification.Problems.Count, "problem")}").ConfigureAwait(false);
    }
}
