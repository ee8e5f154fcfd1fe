using Importer.Training.Distributed;

namespace Importer.Training.Tests.Distributed;

/// <summary>What launchers put into the environment.</summary>
public sealed class ProcessGroupOptionsTests
{
    [Fact]
    public void Reads_what_torchrun_sets()
    {
        var options = From("RANK=3 WORLD_SIZE=4 LOCAL_RANK=1 MASTER_ADDR=node7 MASTER_PORT=4711 IMPORTER_GROUP_TOKEN=secret IMPORTER_CONNECT_TIMEOUT=7 TORCHELASTIC_RUN_ID=job")!;
        Assert.Equal((3, 4, 1, "node7", 4711, 1), (options.Rank, options.WorldSize, options.LocalRank, options.Address, options.Port, options.PortCount));
        Assert.Equal(("secret", TimeSpan.FromSeconds(7), "job"), (options.Token, options.ConnectTimeout, options.GroupId));
        Assert.Null(options.OperationTimeout);
    }

    [Fact]
    public void The_port_that_torchruns_agent_holds_is_left_to_it()
    {
        var options = From("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=localhost MASTER_PORT=29500 TORCHELASTIC_USE_AGENT_STORE=True")!;
        Assert.Equal((29501, 8), (options.Port, options.PortCount));
    }

    [Theory]
    [InlineData("MASTER_PORT=40000 IMPORTER_GROUP_PORTS=5", 40000, 5)]
    [InlineData("MASTER_PORT=65533 IMPORTER_GROUP_PORTS=8", 65533, 3)]
    [InlineData("MASTER_PORT=65535 TORCHELASTIC_USE_AGENT_STORE=True", 65535, 1)]
    public void Ports_to_choose_from_are_those_that_there_are(string environment, int port, int count)
    {
        var options = From($"RANK=1 WORLD_SIZE=2 MASTER_ADDR=localhost {environment}")!;
        Assert.Equal((port, count), (options.Port, options.PortCount));
        options.Validate();
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1 MASTER_ADDR=10.0.0.1")]
    [InlineData("SLURM_PROCID=1 SLURM_NTASKS=2 SLURM_LOCALID=1 MASTER_ADDR=10.0.0.1")]
    [InlineData("RANK=1 WORLD_SIZE=2 LOCAL_RANK=1 SLURM_PROCID=0 SLURM_NTASKS=9 MASTER_ADDR=10.0.0.1")]
    public void Reads_what_mpirun_and_srun_set(string environment)
    {
        var options = From(environment)!;
        Assert.Equal((1, 2, 1, "10.0.0.1", 29500), (options.Rank, options.WorldSize, options.LocalRank, options.Address, options.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("RANK=0 WORLD_SIZE=1 MASTER_ADDR=127.0.0.1 MASTER_PORT=29500")]
    [InlineData("RANK=0")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=8")] // a batch script, in which one process is started
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2")]
    [InlineData("WORLD_SIZE=2")]
    public void One_process_is_no_group(string environment) => Assert.Null(From(environment));

    [Theory]
    [InlineData("RANK=2 WORLD_SIZE=2", "RANK")]
    [InlineData("RANK=-1 WORLD_SIZE=2", "RANK")]
    [InlineData("RANK=one WORLD_SIZE=2", "RANK")]
    [InlineData("RANK=0 WORLD_SIZE=0", "WORLD_SIZE")]
    [InlineData("RANK=0 WORLD_SIZE=99999999999", "WORLD_SIZE")]
    [InlineData("RANK=0 WORLD_SIZE=2 MASTER_PORT=65536", "MASTER_PORT")]
    [InlineData("RANK=0 WORLD_SIZE=2 LOCAL_RANK=x", "LOCAL_RANK")]
    [InlineData("RANK=0 WORLD_SIZE=2 IMPORTER_GROUP_PORTS=0", "IMPORTER_GROUP_PORTS")]
    [InlineData("WORLD_SIZE=2 MASTER_ADDR=127.0.0.1", "RANK")]
    public void Nonsense_is_refused_by_its_name(string environment, string name) =>
        Assert.Contains(Assert.Throws<TrainingConfigurationException>(() => From(environment)).Problems, problem => problem.Setting == name);

    private static ProcessGroupOptions? From(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(item => item.Split('=')).ToDictionary(item => item[0], item => item[1]);
        return ProcessGroupOptions.FromEnvironment(name => variables.GetValueOrDefault(name));
    }
}
