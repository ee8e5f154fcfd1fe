using System.Buffers;
using System.Numerics;

namespace Importer.Training.Distributed;

public sealed partial class ProcessGroup
{
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(10);

    /// <summary>Sums the ranks' numbers in place: ((rank 0 + rank 1) + rank 2) and so on, so that all get the same bits.</summary>
    /// <param name="numbers">As many in every rank; empty ones are fine.</param>
    /// <exception cref="ProcessGroupException">A process failed, is gone, or does something else; the numbers are of no use then.</exception>
    public unsafe void AllReduce(Span<float> numbers)
    {
        fixed (float* address = numbers)
        {
            AllReduce<float>([((nint)address, numbers.Length)]);
        }
    }

    /// <inheritdoc cref="AllReduce(Span{float})"/>
    public unsafe void AllReduce(Span<double> numbers)
    {
        fixed (double* address = numbers)
        {
            AllReduce<double>([((nint)address, numbers.Length)]);
        }
    }

    /// <summary>Sums arrays in memory that stays where it is.</summary>
    /// <param name="arrays">Addresses, and lengths in elements; the same lengths in every rank.</param>
    internal unsafe void AllReduce<T>(IReadOnlyList<(nint Address, long Count)> arrays)
        where T : unmanaged, INumber<T>
    {
        var buckets = new Buckets(arrays.Select(array => (array.Address, array.Count * sizeof(T))), BucketBytes);
        // Of nothing there is a sum, too, which all wait for.
        int count = Math.Max(1, buckets.Count);
        uint first = _operation;
        _operation += (uint)count;
        byte[] staging = ArrayPool<byte>.Shared.Rent(buckets.Count == 0 ? 0 : buckets.Sizes.Max());
        try
        {
            if (count == 1)
            {
                ReduceOne<T>(buckets, first, staging.AsSpan(0, buckets.Count == 0 ? 0 : buckets.Sizes[0]));
            }
            else if (IsFirst)
            {
                Collect<T>(buckets, first, staging);
            }
            else
            {
                Contribute(buckets, first, staging);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(staging);
        }
    }

    private void ReduceOne<T>(Buckets buckets, uint number, Span<byte> staging)
        where T : unmanaged, INumber<T>
    {
        if (IsFirst)
        {
            foreach (var link in _links)
            {
                link.Receive(FrameKind.Reduce, number, staging);
                if (buckets.Count > 0)
                {
                    buckets.Add<T>(0, staging);
                }
            }
        }

        if (buckets.Count > 0)
        {
            buckets.Pack(0, staging);
        }

        foreach (var link in _links)
        {
            link.Send(FrameKind.Reduce, number, staging);
        }

        if (!IsFirst)
        {
            _links[0].Receive(FrameKind.Reduce, number, staging);
            if (buckets.Count > 0)
            {
                buckets.Unpack(0, staging);
            }
        }
    }

    // Sums go back while the next buckets come: each link has a thread that sends, and the others never wait with reading.
    private void Collect<T>(Buckets buckets, uint first, byte[] staging)
        where T : unmanaged, INumber<T>
    {
        using var ended = new CancellationTokenSource();
        var ready = _links.Select(_ => new SemaphoreSlim(0)).ToArray();
        var senders = _links.Select((link, i) => Task.Factory.StartNew(
            () => SendBuckets(link, buckets, first, () => ready[i].Wait(ended.Token)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            for (int bucket = 0; bucket < buckets.Count; bucket++)
            {
                var part = staging.AsSpan(0, buckets.Sizes[bucket]);
                foreach (var link in _links)
                {
                    link.Receive(FrameKind.Reduce, first + (uint)bucket, part);
                    buckets.Add<T>(bucket, part);
                }

                foreach (var semaphore in ready)
                {
                    semaphore.Release();
                }
            }
        }
        catch
        {
            ended.Cancel();
            if (!Ended(senders, Stuck))
            {
                Dispose();
                Ended(senders, Timeout.InfiniteTimeSpan);
            }

            throw;
        }

        try
        {
            Task.WaitAll(senders);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private void Contribute(Buckets buckets, uint first, byte[] staging)
    {
        var link = _links[0];
        var sender = Task.Factory.StartNew(() => SendBuckets(link, buckets, first, () => { }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            // A bucket's sum comes after that bucket was sent, so it may take its place.
            for (int bucket = 0; bucket < buckets.Count; bucket++)
            {
                var part = staging.AsSpan(0, buckets.Sizes[bucket]);
                link.Receive(FrameKind.Reduce, first + (uint)bucket, part);
                buckets.Unpack(bucket, part);
            }
        }
        catch
        {
            // Rank 0 has ended and reads what is left, or is gone.
            if (!Ended([sender], Stuck))
            {
                Dispose();
                Ended([sender], Timeout.InfiniteTimeSpan);
            }

            throw;
        }

        sender.GetAwaiter().GetResult();
    }

    private static void SendBuckets(Link link, Buckets buckets, uint first, Action wait)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(buckets.Sizes.Max());
        try
        {
            for (int bucket = 0; bucket < buckets.Count; bucket++)
            {
                wait();
                var part = buffer.AsSpan(0, buckets.Sizes[bucket]);
                buckets.Pack(bucket, part);
                link.SendRaw(FrameKind.Reduce, first + (uint)bucket, part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool Ended(Task[] tasks, TimeSpan timeout)
    {
        try
        {
            return Task.WaitAll(tasks, timeout);
        }
        catch (AggregateException)
        {
            return tasks.All(task => task.IsCompleted);
        }
    }
}
