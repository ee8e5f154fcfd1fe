using System.Globalization;

namespace Importer.Training.Distributed;

/// <summary>Which process of a group this is, and where its first one is found: what torchrun puts into the environment.</summary>
public sealed record ProcessGroupOptions
{
    // Beside the port that torchrun's agent holds itself.
    private const int PortsBeside = 8, MostPorts = 64;

    /// <summary>This process's number, from 0.</summary>
    public required int Rank { get; init; }

    /// <summary>How many processes there are.</summary>
    public required int WorldSize { get; init; }

    /// <summary>This process's number on its machine: the GPU that it takes. <value>The default is 0.</value></summary>
    public int LocalRank { get; init; }

    /// <summary>The machine of rank 0: an address, on which it listens, or a name, for which it listens everywhere unless that is localhost. <value>The default is 127.0.0.1.</value></summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port of rank 0. <value>The default is 29500, torch's.</value></summary>
    public int Port { get; init; } = 29500;

    /// <summary>How many ports from <see cref="Port"/> on rank 0 may listen at, the first that is free. <value>The default is 1.</value></summary>
    public int PortCount { get; init; } = 1;

    /// <summary>How long processes wait for each other at the beginning. <value>The default is 5 minutes.</value></summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an operation waits for another process. <value>The default, null, is as long as the connection lives: one process may
    /// tokenise, evaluate or save for hours. A process that ends ends its connection, and a machine that is gone is noticed in two minutes.</value>
    /// </summary>
    public TimeSpan? OperationTimeout { get; init; }

    /// <summary>A secret that all processes know, which is not sent but proved; null for none. <value>The default is null.</value></summary>
    public string? Token { get; init; }

    /// <summary>Tells groups on one machine apart. <value>The default is empty.</value></summary>
    public string GroupId { get; init; } = "";

    /// <summary>What the environment says; null where it speaks of no group, or of one process.</summary>
    /// <remarks>
    /// RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT, as torchrun sets them; where RANK is absent and MASTER_ADDR is not, those of
    /// Open MPI (OMPI_COMM_WORLD_RANK, _SIZE, _LOCAL_RANK) or Slurm (SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID). Where torchrun's agent holds
    /// MASTER_PORT itself (TORCHELASTIC_USE_AGENT_STORE), the group has one of the eight ports after it; IMPORTER_GROUP_PORTS is another
    /// number of ports to choose from. IMPORTER_GROUP_TOKEN is
    /// <see cref="Token"/>; IMPORTER_CONNECT_TIMEOUT and IMPORTER_GROUP_TIMEOUT are the two timeouts in seconds.
    /// </remarks>
    /// <param name="environment">The variables.</param>
    /// <exception cref="TrainingConfigurationException">Variables are missing or make no sense; all of them are named.</exception>
    public static ProcessGroupOptions? FromEnvironment(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        (string Rank, string World, string Local)? names =
            Has("RANK") || (Has("WORLD_SIZE") && Has("MASTER_ADDR") && !Has("OMPI_COMM_WORLD_RANK") && !Has("SLURM_PROCID")) ? ("RANK", "WORLD_SIZE", "LOCAL_RANK")
            : !Has("MASTER_ADDR") ? null
            : Has("OMPI_COMM_WORLD_RANK") ? ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK")
            : Has("SLURM_PROCID") ? ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")
            : null;
        if (names is not var (rankName, worldName, localName) || (rankName == "RANK" && !Has("WORLD_SIZE")))
        {
            return null;
        }

        var problems = new List<ConfigurationProblem>();
        int world = Number(worldName, 1, ushort.MaxValue, null), rank = Number(rankName, 0, ushort.MaxValue, null);
        if (problems.Count == 0 && world > 1 && rank >= world)
        {
            problems.Add(new ConfigurationProblem(rankName, FormattableString.Invariant($"{rankName} is {rank}, and there are {world} ranks from 0 on ({worldName})")));
        }

        if (problems.Count == 0 && world == 1)
        {
            return null;
        }

        bool agent = string.Equals(environment("TORCHELASTIC_USE_AGENT_STORE"), "true", StringComparison.OrdinalIgnoreCase);
        int port = Number("MASTER_PORT", 1, ushort.MaxValue, 29500);
        int first = Math.Min(agent ? port + 1 : port, ushort.MaxValue);
        var options = new ProcessGroupOptions
        {
            Rank = rank,
            WorldSize = world,
            LocalRank = Number(localName, 0, ushort.MaxValue, 0),
            Address = Has("MASTER_ADDR") ? environment("MASTER_ADDR")! : "127.0.0.1",
            Port = first,
            PortCount = Math.Min(Number("IMPORTER_GROUP_PORTS", 1, MostPorts, agent ? PortsBeside : 1), ushort.MaxValue - first + 1),
            ConnectTimeout = TimeSpan.FromSeconds(Number("IMPORTER_CONNECT_TIMEOUT", 1, 1 << 20, 300)),
            OperationTimeout = Has("IMPORTER_GROUP_TIMEOUT") ? TimeSpan.FromSeconds(Number("IMPORTER_GROUP_TIMEOUT", 1, 1 << 20, 0)) : null,
            Token = Has("IMPORTER_GROUP_TOKEN") ? environment("IMPORTER_GROUP_TOKEN") : null,
            GroupId = environment("TORCHELASTIC_RUN_ID") ?? "",
        };
        return problems.Count == 0 ? options : throw new TrainingConfigurationException(problems);

        bool Has(string name) => !string.IsNullOrEmpty(environment(name));

        int Number(string name, int least, int most, int? absent)
        {
            string? text = environment(name);
            if (string.IsNullOrEmpty(text) && absent is { } value)
            {
                return value;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            {
                return number;
            }

            problems.Add(new ConfigurationProblem(name, FormattableString.Invariant($"{name} is '{DisplayText.Escape(text ?? "")}' in the environment; it is a number from {least} to {most}")));
            return least;
        }
    }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(WorldSize, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WorldSize, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegative(LocalRank);
        ArgumentException.ThrowIfNullOrEmpty(Address);
        ArgumentNullException.ThrowIfNull(GroupId);
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PortCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port + PortCount - 1, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
    }
}
