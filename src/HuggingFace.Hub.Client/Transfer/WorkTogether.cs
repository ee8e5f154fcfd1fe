namespace HuggingFace.Hub.Client;

/// <summary>Runs workers that stop together: the first failure stops the others, and nothing is still running when it comes out.</summary>
internal static class WorkTogether
{
    public static async Task RunAsync(int workers, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? first = null;
        var tasks = new Task[workers];
        for (int i = 0; i < workers; i++)
        {
            int worker = i;
            tasks[i] = Task.Run(
                async () =>
                {
                    try
                    {
                        await work(worker, stop.Token).ConfigureAwait(false);
                    }
                    catch (Exception error)
                    {
                        Interlocked.CompareExchange(ref first, error, null);
                        await stop.CancelAsync().ConfigureAwait(false);
                    }
                },
                CancellationToken.None);
        }

        await Task.WhenAll(tasks).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }
}
