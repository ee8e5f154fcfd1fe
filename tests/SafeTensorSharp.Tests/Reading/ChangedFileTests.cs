namespace SafeTensorSharp.Tests;

/// <summary>Files that another program cuts or rewrites between header and data (case 47 of the study).</summary>
public sealed class ChangedFileTests
{
    private static readonly byte[] Good = RawFile.Build("{" + RawFile.Entry("a", "U8", "[100]", 0, 100) + "," + RawFile.Entry("b", "U8", "[100]", 100, 200) + "}", 200);

    [Fact]
    public async Task Tells_that_the_file_was_cut_and_where()
    {
        FakeSource source = new(Good);
        using SafeTensorFile file = source.Open();
        source.Bytes = Good[..^50];
        byte[] destination = new byte[100];
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.Read(file.Header["b"], destination));
        Check(e, SafeTensorErrorKind.TruncatedDuringRead, "b", Good.Length - 50);
        e = await Assert.ThrowsAsync<SafeTensorDataException>(async () => await file.ReadAsync(file.Header["b"], destination));
        Check(e, SafeTensorErrorKind.TruncatedDuringRead, "b", Good.Length - 50);
    }

    [Fact]
    public void Tells_that_the_file_was_cut_behind_the_tensor_too()
    {
        FakeSource source = new(Good);
        using SafeTensorFile file = source.Open();
        source.Bytes = Good[..^50];
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.Read(file.Header["a"], new byte[100]));
        Check(e, SafeTensorErrorKind.TruncatedDuringRead, "a", Good.Length - 50);
    }

    [Fact]
    public async Task Does_not_hand_out_what_was_not_read_although_the_length_is_right()
    {
        FakeSource source = new(Good) { ClaimedLength = Good.Length };
        using SafeTensorFile file = source.Open();
        source.Bytes = Good[..^50];
        Check(Assert.Throws<SafeTensorDataException>(() => file.Read(file.Header["b"], new byte[100])), SafeTensorErrorKind.TruncatedDuringRead, "b", Good.Length - 50);
        Check(
            await Assert.ThrowsAsync<SafeTensorDataException>(async () => await file.ReadAsync(file.Header["b"], new byte[100])),
            SafeTensorErrorKind.TruncatedDuringRead, "b", Good.Length - 50);
    }

    [Fact]
    public void Tells_that_the_file_grew()
    {
        FakeSource source = new(Good);
        using SafeTensorFile file = source.Open();
        source.Bytes = [.. Good, 0];
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.Read(file.Header["a"], new byte[100]));
        Check(e, SafeTensorErrorKind.ChangedDuringRead, "a", Good.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tells_that_the_file_was_cut_within_its_header(bool asynchronous)
    {
        FakeSource source = new(Good);
        source.BeforeRead = () => source.Bytes = source.Reads == 1 ? Good[..20] : source.Bytes;
        SafeTensorReadOptions options = new();
        SafeTensorDataException e = asynchronous
            ? await Assert.ThrowsAsync<SafeTensorDataException>(() => HeaderReader.ReadAsync(source, options, CancellationToken.None))
            : Assert.Throws<SafeTensorDataException>(() => HeaderReader.Read(source, options));
        Check(e, SafeTensorErrorKind.TruncatedDuringRead, null, 20);
    }

    [SkippableFact]
    public void Tells_it_of_a_real_file()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows does not let an open file be cut.");
        using TempDirectory directory = new();
        string path = directory.Write("m.safetensors", Good);
        using SafeTensorFile file = SafeTensorFile.Open(path);

        // As a program that ignores .NET's advisory lock does it.
        using (System.Diagnostics.Process truncate = System.Diagnostics.Process.Start("truncate", ["-s", "120", path]))
        {
            truncate.WaitForExit();
        }

        byte[] destination = new byte[100];
        Check(Assert.Throws<SafeTensorDataException>(() => file.Read(file.Header["b"], destination)), SafeTensorErrorKind.TruncatedDuringRead, "b", null);
        Check(Assert.Throws<SafeTensorDataException>(() => file.Map()), SafeTensorErrorKind.TruncatedDuringRead, null, 120);
    }

    [Fact]
    public void A_file_that_is_replaced_by_the_writer_stays_readable_to_those_who_have_it_open()
    {
        using TempDirectory directory = new();
        string path = directory.Write("m.safetensors", Good);
        using SafeTensorFile file = SafeTensorFile.Open(path);
        byte[] before = file.ReadBytes("a");
        SafeTensorWriter.Write(path, [SafeTensorEntry.FromBytes("other", DType.U8, [1], new byte[1])]);
        Assert.Equal(before, file.ReadBytes("a"));
        Assert.Equal("other", SafeTensorHeader.Identify(path).Tensors[0].Name);
    }

    private static void Check(SafeTensorDataException e, SafeTensorErrorKind kind, string? tensor, long? position)
    {
        Assert.Equal(kind, e.Kind);
        Assert.Equal(tensor, e.TensorName);
        Assert.Equal(position ?? e.Position, e.Position);
    }
}
