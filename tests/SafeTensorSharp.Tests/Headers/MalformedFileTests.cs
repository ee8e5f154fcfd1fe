namespace SafeTensorSharp.Tests;

public sealed class MalformedFileTests
{
    public static TheoryData<string> Cases => [.. MalformedCases.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Refuses_a_malformed_header_in_memory(string name)
    {
        MalformedCase expected = MalformedCases.All[name];
        Check(expected, expected.Kind, path: null, Record.Exception(() => Parse(expected.Bytes, new SafeTensorReadOptions())));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Refuses_a_malformed_file_in_the_same_way_however_it_is_opened(string name)
    {
        MalformedCase expected = MalformedCases.All[name];
        using TempDirectory directory = new();
        string path = directory.Write("model.safetensors", expected.Bytes);
        Check(expected, expected.Kind, path, Record.Exception(() => SafeTensorHeader.Identify(path)));
        Check(expected, expected.Kind, path, Record.Exception(() => SafeTensorFile.Open(path)));
        Check(expected, expected.Kind, path, await Record.ExceptionAsync(() => SafeTensorHeader.IdentifyAsync(path)));
        Check(expected, expected.Kind, path, await Record.ExceptionAsync(() => SafeTensorFile.OpenAsync(path)));

        // No handle is left: the file can be opened by one who wants it alone.
        using FileStream alone = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compat_accepts_what_the_reference_accepts_and_nothing_else(string name)
    {
        MalformedCase expected = MalformedCases.All[name];
        SafeTensorReadOptions compat = new() { Compat = true };
        if (expected.CompatKind is { } kind)
        {
            SafeTensorException e = Assert.IsAssignableFrom<SafeTensorException>(Record.Exception(() => Parse(expected.Bytes, compat)));
            Assert.Equal(kind, e.Kind);
        }
        else
        {
            SafeTensorHeader header = Parse(expected.Bytes, compat);
            Assert.NotEmpty(header.Warnings);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Allocates_in_proportion_to_the_header_at_most(string name)
    {
        byte[] bytes = MalformedCases.All[name].Bytes;
        _ = Record.Exception(() => Parse(bytes, new SafeTensorReadOptions()));
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = Record.Exception(() => Parse(bytes, new SafeTensorReadOptions()));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, (128 * 1024) + (10L * bytes.Length));
    }

    [Fact]
    public void Covers_every_case_of_the_study()
    {
        HashSet<int> numbers = [.. MalformedCases.All.Keys.SelectMany(key => key.Split(" ").TakeWhile(part => part.Length == 2 && part.All(char.IsAsciiDigit))).Select(int.Parse)];
        // 9 is a valid file of 100 MB, 47 a file that changes while it is read.
        Assert.Equal(Enumerable.Range(1, 46).Where(n => n != 9), numbers.Order().Where(n => n is >= 1 and <= 46));
    }

    private static SafeTensorHeader Parse(byte[] bytes, SafeTensorReadOptions options) => SafeTensorHeader.Parse(bytes, bytes.Length, options);

    private static void Check(MalformedCase expected, SafeTensorErrorKind kind, string? path, Exception? exception)
    {
        Assert.NotNull(exception);
        Assert.Equal(expected.ExceptionType, exception.GetType());
        SafeTensorException e = (SafeTensorException)exception;
        Assert.Equal(kind, e.Kind);
        Assert.Equal(expected.Position, e.Position);
        Assert.Equal(expected.Tensor, e.TensorName);
        Assert.Equal(path, e.Path);
        Assert.Equal(expected.Detected, (e as NotSafeTensorsException)?.Detected);
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 40, 1000);
    }
}
