using System.CommandLine;
using System.Text.Json.Nodes;
using Importer.Cli.Output;
using Importer.Runtime;

namespace Importer.Cli.Commands;

/// <summary><c>import-weights doctor</c>: which torch computes here, and what makes it slower than it could be.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliConsole console)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output." };
        var command = new Command("doctor", "Say which torch, BLAS, threads and devices are used, and what to improve.") { json };
        command.SetAction(parsed =>
        {
            var torch = TorchEnvironment.Current();
            console.Out.Write(parsed.GetValue(json) ? Json(torch) : Text(torch));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Text(TorchEnvironment torch) => string.Concat(
        new[]
        {
            $"torch     {torch.Version}, runtime {torch.Runtime}",
            $"blas      {torch.Blas}",
            $"threads   {torch.Threads} in an operator, {torch.InteropThreads} operators at once (OMP_NUM_THREADS overrides)",
            $"cpu       {torch.CpuCapability}",
            $"devices   {string.Join(", ", torch.Devices)}",
        }
        .Concat(torch.Warnings.Select(warning => $"warning   {warning}"))
        .Select(line => line + "\n"));

    private static string Json(TorchEnvironment torch) => JsonOutput.Render(new JsonObject
    {
        ["torch"] = torch.Version,
        ["runtime"] = torch.Runtime,
        ["blas"] = torch.Blas.ToString(),
        ["threads"] = torch.Threads,
        ["interop_threads"] = torch.InteropThreads,
        ["cpu"] = torch.CpuCapability,
        ["devices"] = JsonOutput.Texts(torch.Devices),
        ["warnings"] = JsonOutput.Texts(torch.Warnings),
    });
}
