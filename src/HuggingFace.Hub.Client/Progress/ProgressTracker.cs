namespace HuggingFace.Hub.Client;

/// <summary>
/// Adds up the progress of a selection's files and reports it, one report at a time, not more often than eyes can follow.
/// </summary>
internal sealed class ProgressTracker
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);
    private readonly Lock _lock = new();
    private readonly IProgress<HubProgress>? _target;
    private readonly TimeProvider _time;
    private readonly RateMeter _rate;
    private readonly int _filesTotal;
    private long _totalBytes;
    private long _knownSize;
    private int _unknownSizes;
    private long _received;
    private int _filesDone;

    /// <param name="target">Who wants to know; null for nobody.</param>
    /// <param name="sizes">The sizes of all files; null for a file whose size is not known yet.</param>
    /// <param name="time">The clock.</param>
    public ProgressTracker(IProgress<HubProgress>? target, IEnumerable<long?> sizes, TimeProvider time)
    {
        _target = target;
        _time = time;
        _rate = new RateMeter(time);
        foreach (long? size in sizes)
        {
            _filesTotal++;
            _knownSize += size ?? 0;
            _unknownSizes += size is null ? 1 : 0;
        }
    }

    public FileProgress Begin(string path, long? size) => new(this, path, size);

    /// <summary>One file's share of the tracker.</summary>
    internal sealed class FileProgress(ProgressTracker tracker, string path, long? size)
    {
        private long _bytes;
        private long? _size = size;
        private long _lastReport = long.MinValue;
        private bool _done;

        /// <summary>The size became known.</summary>
        public void SetSize(long size)
        {
            lock (tracker._lock)
            {
                if (_size is null)
                {
                    _size = size;
                    tracker._knownSize += size;
                    tracker._unknownSizes--;
                }
            }
        }

        /// <summary>Bytes that an earlier download left, or 0 when everything begins anew.</summary>
        public void Restart(long bytes)
        {
            lock (tracker._lock)
            {
                Set(bytes);
                Report(HubFileState.Downloading, always: true);
            }
        }

        public void Received(int count)
        {
            lock (tracker._lock)
            {
                tracker._received += count;
                Set(_bytes + count);
                Report(HubFileState.Downloading, always: false);
            }
        }

        public void Finish(HubFileState state, long size)
        {
            SetSize(size);
            lock (tracker._lock)
            {
                if (_done)
                {
                    return;
                }

                _done = true;
                tracker._filesDone++;
                Set(size);
                Report(state, always: true);
            }
        }

        private void Set(long bytes)
        {
            tracker._totalBytes += bytes - _bytes;
            _bytes = bytes;
        }

        private void Report(HubFileState state, bool always)
        {
            double rate = tracker._rate.Measure(tracker._received);
            long now = tracker._time.GetTimestamp();
            if (tracker._target is null
                || (!always && _lastReport != long.MinValue && tracker._time.GetElapsedTime(_lastReport, now) < Spacing))
            {
                return;
            }

            _lastReport = now;
            tracker._target.Report(new HubProgress
            {
                Path = path,
                State = state,
                FileBytes = _bytes,
                FileSize = _size,
                TotalBytes = tracker._totalBytes,
                TotalSize = tracker._unknownSizes == 0 ? tracker._knownSize : null,
                ReceivedBytes = tracker._received,
                FilesDone = tracker._filesDone,
                FilesTotal = tracker._filesTotal,
                BytesPerSecond = rate,
            });
        }
    }
}
