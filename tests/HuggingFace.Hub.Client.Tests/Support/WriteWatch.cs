namespace HuggingFace.Hub.Client.Tests;

/// <summary>Tells a test when the client has written a file up to some byte, so that nothing has to be guessed by waiting.</summary>
internal sealed class WriteWatch
{
    private readonly Dictionary<long, TaskCompletionSource> _marks = [];

    public HubTestSeams Seams => new() { BeforeWrite = Note };

    /// <summary>Ends when bytes have been written, or are just being written, that end at exactly this offset.</summary>
    public Task Until(long end)
    {
        lock (_marks)
        {
            return MarkOf(end).Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private void Note(long offset, int count)
    {
        lock (_marks)
        {
            MarkOf(offset + count).TrySetResult();
        }
    }

    private TaskCompletionSource MarkOf(long end)
    {
        if (!_marks.TryGetValue(end, out TaskCompletionSource? mark))
        {
            _marks[end] = mark = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return mark;
    }
}
