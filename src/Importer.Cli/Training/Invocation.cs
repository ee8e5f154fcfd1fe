using System.Globalization;
using Importer.Training.Distributed;

namespace Importer.Cli.Commands;

/// <summary>How a run's process was started, so that people can be told how to start it again.</summary>
/// <param name="Program">What the program was called by.</param>
/// <param name="Arguments">The process's arguments, those of the launcher of this program included.</param>
internal sealed record Invocation(string Program, IReadOnlyList<string> Arguments)
{
    private const int DefaultPort = 29500;

    /// <summary>What stood before the program, such as torchrun with its arguments; empty for nothing.</summary>
    public string Launcher { get; init; } = "";

    /// <summary>How many processes something else starts of which nobody knows how it is called; 1 for none.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>Reads from the environment what has started this process.</summary>
    /// <param name="program">What the program was called by.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="group">The group that the process is of; null for none, or for one that this program starts by itself.</param>
    /// <param name="environment">The variables.</param>
    public static Invocation Of(string program, IReadOnlyList<string> arguments, ProcessGroupOptions? group, Func<string, string?> environment)
    {
        var invocation = new Invocation(program, arguments);
        if (group is null)
        {
            return invocation;
        }

        string world = group.WorldSize.ToString(CultureInfo.InvariantCulture);
        if (string.IsNullOrEmpty(environment("TORCHELASTIC_RUN_ID")) || environment("LOCAL_WORLD_SIZE") != world)
        {
            return invocation with { Processes = group.WorldSize };
        }

        // torchrun on this machine alone: its agent has the port where there is no other rendezvous.
        bool hasAgent = string.Equals(environment("TORCHELASTIC_USE_AGENT_STORE"), "true", StringComparison.OrdinalIgnoreCase);
        string port = environment("MASTER_PORT") ?? "";
        string place = !hasAgent ? "--standalone " : port != DefaultPort.ToString(CultureInfo.InvariantCulture) && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? $"--master_port={port} " : "";
        return invocation with { Launcher = $"torchrun {place}--no_python --nproc_per_node={world} " };
    }
}
