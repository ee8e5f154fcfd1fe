using System.Text;
using Kind = PyTorchCheckpoints.CheckpointErrorKind;

namespace PyTorchCheckpoints.Tests;

/// <summary>Cases 29 to 35 of the study: what can be wrong around a pickle.</summary>
internal static class ContainerCases
{
    private static readonly byte[] Pickle = PickleBuilder.Start().Dict(("w", p => p.Tensor("0", 4))).Stop();
    private static readonly byte[] Legacy = PickleBuilder.Start().Dict(("w", p => p.Tensor(LegacyBuilder.Id("7", 4), [4], [1]))).Stop();
    private static readonly byte[] Floats = new byte[16];

    public static IEnumerable<(string Name, HostileCase Case)> All => [.. Archives(), .. Lies(), .. Orders(), .. LegacyFiles(), .. Others()];

    private static ZipBuilder Valid => ZipBuilder.Checkpoint(Pickle, ("0", Floats));

    private static IEnumerable<(string Name, HostileCase Case)> Archives()
    {
        HostileCase Zip(ZipBuilder zip, Kind? kind = Kind.InvalidContainer) => new(zip.ToArray(), kind);
        HostileCase With(Action<List<ZipBuilder.Entry>> change, Kind? kind = Kind.InvalidContainer) => Zip(Valid.Do(zip => change(zip.Entries)), kind);
        yield return ("29 a valid archive", Zip(Valid, kind: null));
        yield return ("29 two pickles", Zip(new ZipBuilder().With("a/data.pkl", Pickle).With("b/data.pkl", Pickle)));
        yield return ("29 a record twice", With(e => e.Add(e[1])));
        yield return ("29 xdata/0 instead of data/0", Zip(new ZipBuilder().With("archive/data.pkl", Pickle).With("archive/xdata/0", Floats), Kind.InvalidStorage));
        yield return ("29 xdata/0 beside data/0", With(e => e.Insert(1, new() { Name = "archive/xdata/0", Content = new byte[3] }), kind: null));
        yield return ("29 data/0 under another root", Zip(new ZipBuilder().With("archive/data.pkl", Pickle).With("other/data/0", Floats), Kind.InvalidStorage));
        yield return ("29 a pickle too deep", HostileCase.Other(new ZipBuilder().With("a/b/data.pkl", Pickle).ToArray(), DetectedContent.Zip));
        yield return ("29 a pickle without a folder", HostileCase.Other(new ZipBuilder().With("data.pkl", Pickle).ToArray(), DetectedContent.Zip));
        yield return ("29 something before the archive", HostileCase.Other(new ZipBuilder { Prefix = "MZ this is a program"u8.ToArray() }.With("archive/data.pkl", Pickle).ToArray(), DetectedContent.Unknown));
        yield return ("29 an archive before the archive", Zip(new ZipBuilder { Prefix = "PK\x03\x04"u8.ToArray() }.With("archive/data.pkl", Pickle).With("archive/data/0", Floats)));
        yield return ("29 a comment", Zip(new ZipBuilder { Comment = "#!/bin/sh"u8.ToArray() }.With("archive/data.pkl", Pickle)));
        yield return ("29 no directory", Zip(new ZipBuilder { WithoutEnd = true }.With("archive/data.pkl", Pickle), Kind.Truncated));
        yield return ("29 something behind the directory", Zip(new ZipBuilder { AfterDirectory = new byte[40] }.With("archive/data.pkl", Pickle)));
        yield return ("29 more records told than there are", Zip(new ZipBuilder { Count = 3 }.With("archive/data.pkl", Pickle)));
        yield return ("29 fewer records told than there are", Zip(new ZipBuilder { Count = 1 }.With("archive/data.pkl", Pickle).With("archive/data/0", Floats)));
        yield return ("29 records over the limit", Zip(Valid, Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxRecords = 1 } } });
        yield return ("29 a pickle over the limit", Zip(Valid, Kind.LimitExceeded).Limit() with { Options = new() { Limits = new() { MaxPickleBytes = 130 } } });
        yield return ("29 another disk", Zip(new ZipBuilder { Disk = 1 }.With("archive/data.pkl", Pickle), Kind.UnsupportedContainer));
        yield return ("29 a 64-bit end that agrees", Zip(new ZipBuilder { Zip64End = true }.With("archive/data.pkl", Pickle).With("archive/data/0", Floats), kind: null));
        yield return ("29 a 64-bit end with another number of records", Zip(new ZipBuilder { Zip64End = true, Zip64Count = 1 }.With("archive/data.pkl", Pickle).With("archive/data/0", Floats)));
        yield return ("29 a 64-bit end with a huge number of records", Zip(new ZipBuilder { Zip64End = true, Count = ushort.MaxValue, Zip64Count = 1 << 19 }.With("archive/data.pkl", Pickle)));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Lies()
    {
        HostileCase Storage(ZipBuilder.Entry entry, Kind? kind = Kind.InvalidContainer) => new(new ZipBuilder().With("archive/data.pkl", Pickle).With(entry).ToArray(), kind);
        const string name = "archive/data/0";
        yield return ("29 another name in the record", Storage(new() { Name = name, Content = Floats, LocalName = "archive/data/1" }));
        yield return ("29 a longer name in the record", Storage(new() { Name = name, Content = Floats, LocalName = "archive/data/00" }));
        yield return ("29 another size in the record", Storage(new() { Name = name, Content = Floats, LocalSize = 12 }));
        yield return ("29 a record beyond the file", Storage(new() { Name = name, Content = Floats, HeaderOffset = 1_000_000 }));
        yield return ("29 a record on top of another", Storage(new() { Name = name, Content = Floats, HeaderOffset = 0 }));
        yield return ("29 a record within another", Storage(new() { Name = name, Content = Floats, HeaderOffset = 10 }));
        yield return ("29 a size beyond the file", Storage(new() { Name = name, Content = Floats, Size = 1 << 20, PackedSize = 1 << 20 }));
        yield return ("29 two sizes", Storage(new() { Name = name, Content = Floats, Size = 1 << 20 }));
        yield return ("29 compressed", Storage(new() { Name = name, Content = Floats, Method = 8, Size = 1 << 20 }, Kind.UnsupportedContainer));
        yield return ("29 encrypted", Storage(new() { Name = name, Content = Floats, Flags = 1 }, Kind.UnsupportedContainer));
        yield return ("29 patched", Storage(new() { Name = name, Content = Floats, Flags = 1 << 5 }, Kind.UnsupportedContainer));
        yield return ("29 a record on another disk", Storage(new() { Name = name, Content = Floats, Disk = 1 }, Kind.UnsupportedContainer));
        yield return ("29 64-bit sizes that are not there", Storage(new() { Name = name, Content = Floats, Size = uint.MaxValue, PackedSize = uint.MaxValue }));
        yield return ("29 64-bit sizes that are negative", Storage(new() { Name = name, Content = Floats, Size = uint.MaxValue, PackedSize = uint.MaxValue, Zip64 = [-1, -1] }));
        yield return ("29 64-bit sizes that are huge", Storage(new() { Name = name, Content = Floats, Size = uint.MaxValue, PackedSize = uint.MaxValue, Zip64 = [long.MaxValue, long.MaxValue] }));
        yield return ("29 64-bit sizes that differ", Storage(new() { Name = name, Content = Floats, Size = uint.MaxValue, PackedSize = uint.MaxValue, Zip64 = [16, 17] }));
        yield return ("29 64-bit sizes that are right", Storage(new() { Name = name, Content = Floats, Size = uint.MaxValue, PackedSize = uint.MaxValue, Zip64 = [16, 16] }, kind: null));
        yield return ("31 a wrong checksum of the pickle", new HostileCase(new ZipBuilder().With(new ZipBuilder.Entry { Name = "archive/data.pkl", Content = Pickle, Crc = 1 }).With(name, Floats).ToArray(), Kind.ChecksumMismatch)
        {
            ExceptionType = typeof(CheckpointDataException),
            Options = new() { VerifyChecksums = true },
        });
        yield return ("31 a wrong checksum of the pickle that is only told", new HostileCase(new ZipBuilder().With(new ZipBuilder.Entry { Name = "archive/data.pkl", Content = Pickle, Crc = 1 }).With(name, Floats).ToArray(), null));
    }

    private static IEnumerable<(string Name, HostileCase Case)> Orders()
    {
        HostileCase Order(string text, Kind? kind) => new(Valid.With("archive/byteorder", Encoding.ASCII.GetBytes(text)).ToArray(), kind);
        yield return ("30 byteorder middle", Order("middle", Kind.InvalidContainer));
        yield return ("30 byteorder of a megabyte", Order(new string('x', 1 << 20), Kind.InvalidContainer));
        yield return ("30 byteorder empty", Order("", Kind.InvalidContainer));
        yield return ("30 byteorder little", Order("little", kind: null));
        yield return ("30 byteorder big", Order("big", kind: null));
    }

    private static IEnumerable<(string Name, HostileCase Case)> LegacyFiles()
    {
        static LegacyBuilder Build(byte[]? pickle = null, string[]? keys = null, byte[]? data = null, int protocol = 1001, byte[]? system = null) => new()
        {
            Pickle = pickle ?? Legacy,
            Keys = keys ?? ["7"],
            Data = data ?? LegacyBuilder.Storage(4, Floats),
            Protocol = protocol,
            System = system,
        };
        HostileCase File(LegacyBuilder builder, Kind? kind = Kind.InvalidContainer) => new(builder.ToArray(), kind);
        HostileCase View(Action<PickleBuilder> view, Kind? kind = Kind.InvalidStorage) => File(Build(PickleBuilder.Start().Dict(("w", p => p.Tensor(LegacyBuilder.Id("7", 4, view), [2], [1]))).Stop()), kind);

        yield return ("32 a valid legacy file", File(Build(), kind: null));
        yield return ("32 another magic number", HostileCase.Other(new LegacyBuilder { Magic = PickleBuilder.Start().Int((Int128)0x1950a86a20f9469c).Stop(), Pickle = Legacy, Keys = ["7"] }.ToArray(), DetectedContent.Pickle));
        yield return ("32 another protocol", File(Build(protocol: 1002)));
        yield return ("32 no description of the system", File(Build(system: PickleBuilder.Start().Op('}').Stop())));
        yield return ("32 other sizes of types", File(Build(system: LegacyBuilder.SystemInfo(shortSize: 4))));
        yield return ("32 another protocol in the description", File(Build(system: LegacyBuilder.SystemInfo(protocol: 1000))));
        yield return ("32 a big-endian machine", File(Build(system: LegacyBuilder.SystemInfo(littleEndian: false)), kind: null));
        yield return ("32 a big-endian machine with complex numbers", File(Build(
            PickleBuilder.Start().Dict(("w", p => p.Tensor(q => q.Storage("7", 2, "ComplexFloatStorage", view: v => v.None()), [2], [1]))).Stop(),
            data: LegacyBuilder.Storage(2, Floats), system: LegacyBuilder.SystemInfo(littleEndian: false))));
        yield return ("32 a listed key that nothing uses", File(Build(keys: ["7", "8"]), Kind.InvalidStorage));
        yield return ("32 a used key that is not listed", File(Build(keys: []), Kind.InvalidStorage));
        yield return ("32 a key listed twice", File(Build(keys: ["7", "7"], data: [.. LegacyBuilder.Storage(4, Floats), .. LegacyBuilder.Storage(4, Floats)]), Kind.InvalidStorage));
        yield return ("32 another number of elements at the bytes", File(Build(data: LegacyBuilder.Storage(3, Floats)), Kind.InvalidStorage));
        yield return ("32 a negative number of elements at the bytes", File(Build(data: LegacyBuilder.Storage(-1, Floats)), Kind.InvalidStorage));
        yield return ("32 the last storage cut", File(Build(data: LegacyBuilder.Storage(4, Floats)[..^1]), Kind.Truncated));
        yield return ("32 the last number cut", new HostileCase(Build(data: [4, 0]).ToArray(), Kind.Truncated) { ExceptionType = typeof(CheckpointDataException) });
        yield return ("32 something at the end", File(Build(data: [.. LegacyBuilder.Storage(4, Floats), 0])));
        yield return ("32 five items in a persistent id", File(Build(PickleBuilder.Start().Dict(("w", p => p.Tensor("7", 4))).Stop()), Kind.InvalidStorage));
        yield return ("32 more elements than the file has bytes", File(Build(PickleBuilder.Start().Dict(("w", p => p.Tensor(LegacyBuilder.Id("7", 1 << 30), [4], [1]))).Stop()), Kind.InvalidStorage));
        yield return ("32 a view", View(p => p.Tuple(q => q.Text("v"), q => q.Int(2), q => q.Int(2)), kind: null));
        yield return ("32 a view that begins too late", View(p => p.Tuple(q => q.Text("v"), q => q.Int(5), q => q.Int(0))));
        yield return ("32 a view that ends too late", View(p => p.Tuple(q => q.Text("v"), q => q.Int(2), q => q.Int(3))));
        yield return ("32 a tensor that leaves its view", View(p => p.Tuple(q => q.Text("v"), q => q.Int(3), q => q.Int(1)), Kind.InvalidTensor));
        yield return ("32 a view of a negative number", View(p => p.Tuple(q => q.Text("v"), q => q.Int(-1), q => q.Int(2))));
        yield return ("32 a view that is described in two ways", File(Build(PickleBuilder.Start().Dict(
            ("a", p => p.Tensor(LegacyBuilder.Id("7", 4, v => v.Tuple(q => q.Text("v"), q => q.Int(0), q => q.Int(2))), [2], [1])),
            ("b", p => p.Tensor(LegacyBuilder.Id("7", 4, v => v.Tuple(q => q.Text("v"), q => q.Int(1), q => q.Int(2))), [2], [1]))).Stop()), Kind.InvalidStorage));
        yield return ("32 a view that is no tuple", View(p => p.Text("v")));
        yield return ("32 a persistent id in the list of keys", File(new LegacyBuilder { Pickle = [.. Legacy, .. PickleBuilder.Start().Storage("7", 4).Stop()], Keys = ["7"] }, Kind.InvalidPickle));
        yield return ("32 os.system in the description", new HostileCase(Build(system: PickleBuilder.Start().Global("os", "system").Text("x").Raw(0x85).Op('R').Stop()).ToArray(), Kind.ForbiddenGlobal)
        {
            ExceptionType = typeof(ForbiddenGlobalException),
            Global = "os.system",
        });
    }

    private static IEnumerable<(string Name, HostileCase Case)> Others()
    {
        byte[] tar = new byte[1024], tarLegacy = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        LegacyCheckpoint.Start.CopyTo(tarLegacy);
        "ustar"u8.CopyTo(tarLegacy.AsSpan(257));
        byte[] safetensors = [2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}'];
        yield return ("33 TorchScript by its constants", HostileCase.Other(Valid.With("archive/constants.pkl", Pickle).ToArray(), DetectedContent.TorchScript));
        yield return ("33 TorchScript by its code", HostileCase.Other(Valid.With("archive/code/__torch__.py", "import os"u8.ToArray()).ToArray(), DetectedContent.TorchScript));
        yield return ("34 a tar archive", HostileCase.Other(tar, DetectedContent.Tar));
        yield return ("34 a tar archive whose name is the legacy magic number", HostileCase.Other(tarLegacy, DetectedContent.Tar));
        yield return ("34 an old tar archive", HostileCase.Other([.. "sys_info\0"u8, .. new byte[503]], DetectedContent.Tar));
        yield return ("35 safetensors", HostileCase.Other(safetensors, DetectedContent.SafeTensors));
        yield return ("35 a Git LFS pointer", HostileCase.Other("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"u8.ToArray(), DetectedContent.GitLfsPointer));
        yield return ("35 a web page", HostileCase.Other("\n<!DOCTYPE html>"u8.ToArray(), DetectedContent.Html));
        yield return ("35 an index", HostileCase.Other("{\"metadata\": {}}"u8.ToArray(), DetectedContent.Json));
        yield return ("35 a plain pickle", HostileCase.Other([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0], DetectedContent.Pickle));
        yield return ("35 an empty archive", HostileCase.Other([.. "PK\x05\x06"u8, .. new byte[18]], DetectedContent.Zip));
        yield return ("35 an empty file", HostileCase.Other([], DetectedContent.Empty));
        yield return ("35 zeros", HostileCase.Other(new byte[100], DetectedContent.Zeros));
        yield return ("35 gzip", HostileCase.Other([0x1F, 0x8B, 8, 0], DetectedContent.Gzip));
        yield return ("35 GGUF", HostileCase.Other("GGUF\x03\0\0\0"u8.ToArray(), DetectedContent.Gguf));
        yield return ("35 HDF5", HostileCase.Other([0x89, .. "HDF\r\n"u8], DetectedContent.Hdf5));
        yield return ("35 NumPy", HostileCase.Other([0x93, .. "NUMPY"u8], DetectedContent.Numpy));
        yield return ("35 anything", HostileCase.Other("hello"u8.ToArray(), DetectedContent.Unknown));
    }
}
