using Importer.Runtime;

namespace Importer.Tests.Runtime;

public sealed class LoadedLibrariesTests
{
    [Fact]
    public void Lists_each_library_once_and_nothing_else()
    {
        const string maps =
            "55d0c5a00000-55d0c5a21000 r--p 00000000 fe:00 1234   /usr/bin/dotnet\n" +
            "55d0c6000000-55d0c6100000 rw-p 00000000 00:00 0      [heap]\n" +
            "7f0000000000-7f0000100000 r--p 00000000 fe:00 42     /usr/lib/libtorch_cpu.so.1.13.0\n" +
            "7f0000100000-7f0000200000 r-xp 00100000 fe:00 42     /usr/lib/libtorch_cpu.so.1.13.0\n" +
            "7f0000300000-7f0000400000 r-xp 00000000 fe:00 43     /home/some one/lib x/libgomp.so.1\n" +
            "7f0000400000-7f0000500000 rw-p 00000000 00:00 0 \n" +
            "7f0000500000-7f0000600000 r--p 00000000 fe:00 44     /data/model.safetensors\n";
        Assert.Equal(["/usr/lib/libtorch_cpu.so.1.13.0", "/home/some one/lib x/libgomp.so.1"], LoadedLibraries.Parse(maps));
    }

    [Fact]
    public void An_empty_listing_has_no_libraries() => Assert.Empty(LoadedLibraries.Parse(""));

    [SkippableFact]
    public void Calls_a_function_of_a_loaded_library()
    {
        var libc = LoadedLibraries.OfThisProcess().FirstOrDefault(path => Path.GetFileName(path) is "libc.so.6");
        Skip.If(libc is null, "no glibc here");
        Assert.Matches(@"^\d+\.\d+", LoadedLibraries.CallForText(libc, "gnu_get_libc_version"));
        Assert.Null(LoadedLibraries.CallForText(libc, "there_is_no_such_function"));
        Assert.Null(LoadedLibraries.CallForText("/nowhere/libnone.so", "anything"));
    }
}
