using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

/// <summary>All cases of the study: a typed exception, soon, without much memory, and no other file or program is touched.</summary>
public sealed class HostileFileTests
{
    private static readonly Dictionary<string, HostileCase> All =
        ((IEnumerable<(string Name, HostileCase Case)>)[.. PickleCases.All, .. ContainerCases.All]).ToDictionary(c => c.Name, c => c.Case, StringComparer.Ordinal);

    public static TheoryData<string> Cases => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_hostile_file_is_refused_with_what_where_and_what_to_do(string name)
    {
        HostileCase expected = All[name];
        using TemporaryDirectory directory = new();
        string path = directory["pytorch_model.bin"];
        File.WriteAllBytes(path, expected.Bytes);
        Check(expected, path, Record.Exception(() => PyTorchCheckpoint.Open(path, expected.Options).Dispose()));
        Check(expected, path, Record.Exception(() => OpenStream(expected, path)));

        // No handle is left: the file can be opened by one who wants it alone.
        using FileStream alone = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_hostile_file_costs_little_time_and_memory(string name)
    {
        HostileCase expected = All[name];
        _ = Record.Exception(() => Files.Open(expected.Bytes, expected.Options));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        _ = Record.Exception(() => Files.Open(expected.Bytes, expected.Options));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (192 * 1024) + (12L * expected.Bytes.Length));
    }

    [Fact]
    public void Covers_every_case_of_the_study()
    {
        // 36 is a file that is cut while it is read: DataTests.
        Assert.Equal(Enumerable.Range(1, 35), All.Keys.Select(key => int.Parse(key[..2], System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order());
    }

    [Fact]
    public void A_pickle_cannot_make_the_reader_run_load_or_look_up_anything()
    {
        // Not a matter of the right checks: the library has no code that could.
        using PEReader image = new(File.OpenRead(typeof(PyTorchCheckpoint).Assembly.Location));
        MetadataReader metadata = image.GetMetadataReader();
        string[] assemblies = [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
        Assert.DoesNotContain(assemblies, name => name.StartsWith("System.Diagnostics.Process", StringComparison.Ordinal)
            || name.StartsWith("System.Net", StringComparison.Ordinal) || name.StartsWith("System.Reflection", StringComparison.Ordinal));
        string[] members = [.. metadata.MemberReferences.Select(handle => Describe(metadata, handle))];
        Assert.DoesNotContain(members, member => member is "Type.GetType" or "Activator.CreateInstance" or "Assembly.Load" or "Assembly.LoadFrom" or "Type.InvokeMember");
        Assert.Equal(["File.Delete", "File.Exists", "File.Move", "File.OpenHandle"], members.Where(member => member.StartsWith("File.", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Sharing_cannot_make_much_of_little()
    {
        using PyTorchCheckpoint file = Files.Open(All["18 tuples of tuples, forty times"].Bytes);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => file.Header.Root.ToJson());
        Assert.Contains("too large", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pickle_at_the_limits_is_refused_in_time_and_memory_that_fit_it()
    {
        // Three megabytes of the opcode that makes most of one byte.
        byte[] pickle = PickleBuilder.Start().Repeat(6, (p, _) => p.Op('(').Raw(Enumerable.Repeat((byte)'}', 900_000).ToArray()).Op('t')).Stop();
        byte[] bytes = ZipBuilder.Checkpoint(pickle).ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(nameof(CheckpointLimits.MaxObjects), Assert.Throws<CheckpointLimitException>(() => Files.Open(bytes)).LimitName);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300L << 20);
    }

    private static void OpenStream(HostileCase expected, string path)
    {
        using MemoryStream stream = new(expected.Bytes);
        PyTorchCheckpoint.Open(stream, path, expected.Options).Dispose();
    }

    private static void Check(HostileCase expected, string path, Exception? exception)
    {
        if (expected.Kind is null)
        {
            Assert.Null(exception);
            return;
        }

        Assert.NotNull(exception);
        Assert.Equal(expected.ExceptionType, exception.GetType());
        CheckpointException e = (CheckpointException)exception;
        Assert.Equal(expected.Kind, e.Kind);
        Assert.Equal(path, e.Path);
        Assert.Equal(expected.Global, (e as ForbiddenGlobalException)?.GlobalName);
        Assert.Equal(expected.Detected, (e as NotACheckpointException)?.Detected);
        Assert.True(e.Position is null || (e.Position >= 0 && e.Position <= expected.Bytes.Length), $"{e.Position} is not in the file.");
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 40, 1200);
    }

    private static string Describe(MetadataReader metadata, MemberReferenceHandle handle)
    {
        MemberReference member = metadata.GetMemberReference(handle);
        string type = member.Parent.Kind == HandleKind.TypeReference
            ? metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name)
            : "";
        return $"{type}.{metadata.GetString(member.Name)}";
    }
}
