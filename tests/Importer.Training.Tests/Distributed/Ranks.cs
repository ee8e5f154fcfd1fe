using System.Net;
using System.Net.Sockets;
using Importer.Training.Distributed;

namespace Importer.Training.Tests.Distributed;

/// <summary>Groups whose ranks are threads of this process.</summary>
internal static class Ranks
{
    /// <summary>No test waits for longer than this.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>A port that nobody has now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static ProcessGroupOptions Options(int port, int rank, int world) =>
        new() { Rank = rank, WorldSize = world, Port = port, ConnectTimeout = TimeSpan.FromSeconds(60), OperationTimeout = TimeSpan.FromSeconds(60) };

    /// <summary>Does something in every rank, and says what came of it: null, or the exception.</summary>
    public static async Task<Exception?[]> TryAsync(int world, Action<ProcessGroup> action)
    {
        int port = FreePort();
        var ranks = Enumerable.Range(0, world).Select(rank => Task.Factory.StartNew(
            () =>
            {
                using var group = ProcessGroup.ConnectAsync(Options(port, rank, world), error => 40 + rank).GetAwaiter().GetResult();
                try
                {
                    action(group);
                    return null;
                }
                catch (Exception e)
                {
                    group.Fail(e);
                    return e;
                }
            },
            TaskCreationOptions.LongRunning));
        return await Task.WhenAll(ranks).WaitAsync(Limit);
    }

    /// <summary>Does something in every rank, which must go well.</summary>
    public static async Task RunAsync(int world, Action<ProcessGroup> action) =>
        Assert.All(await TryAsync(world, action), error => Assert.Null(error));
}
