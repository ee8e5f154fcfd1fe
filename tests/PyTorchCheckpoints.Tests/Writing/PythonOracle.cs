using System.Diagnostics;
using System.Text.Json;

namespace PyTorchCheckpoints.Tests;

/// <summary>
/// Python as a second reader of what is written here: its zipfile and its pickle, with classes that only take note; and torch itself,
/// where it is installed.
/// </summary>
internal static class PythonOracle
{
    private const string Describe = """
        import hashlib, json, pickle, pickletools, struct, sys, zipfile
        from collections import OrderedDict

        archive = zipfile.ZipFile(sys.argv[1])
        assert archive.testzip() is None
        names = archive.namelist()
        root = [n for n in names if n.endswith('/data.pkl') and n.count('/') == 1][0][:-9]
        raw = open(sys.argv[1], 'rb').read()
        for info in archive.infolist():
            assert info.compress_type == 0
            n, e = struct.unpack('<HH', raw[info.header_offset + 26:info.header_offset + 30])
            assert (info.header_offset + 30 + n + e) % 64 == 0, info.filename
        assert archive.read(root + '/byteorder') == b'little'
        assert archive.read(root + '/version') == b'3\n'
        assert len(archive.read(root + '/.data/serialization_id')) == 40
        pickletools.dis(archive.read(root + '/data.pkl'), open('/dev/null', 'w'))

        SIZES = {'FloatStorage': 4, 'DoubleStorage': 8, 'HalfStorage': 2, 'BFloat16Storage': 2, 'ByteStorage': 1, 'CharStorage': 1,
                 'ShortStorage': 2, 'IntStorage': 4, 'LongStorage': 8, 'BoolStorage': 1, 'ComplexFloatStorage': 8,
                 'ComplexDoubleStorage': 16, 'UntypedStorage': 1}
        DTYPES = {'uint16': 2, 'uint32': 4, 'uint64': 8, 'float8_e4m3fn': 1, 'float8_e5m2': 1, 'float8_e4m3fnuz': 1, 'float8_e5m2fnuz': 1}

        def gather(storage, offset, size, stride, width):
            data, out = archive.read(root + '/data/' + storage['key']), []
            assert len(data) == storage['numel'] * SIZES[storage['class']]
            def walk(d, at):
                if d == len(size):
                    out.append(data[at * width:(at + 1) * width])
                else:
                    for i in range(size[d]):
                        walk(d + 1, at + i * stride[d])
            walk(0, offset)
            return hashlib.sha256(b''.join(out)).hexdigest()

        def v2(storage, offset, size, stride, grad, hooks):
            assert isinstance(hooks, OrderedDict) and isinstance(size, tuple) and isinstance(stride, tuple)
            return {'tensor': storage['class'], 'key': storage['key'], 'shape': size, 'grad': grad,
                    'sha256': gather(storage, offset, size, stride, SIZES[storage['class']])}

        def v3(storage, offset, size, stride, grad, hooks, dtype):
            assert storage['class'] == 'UntypedStorage'
            return {'tensor': dtype, 'key': storage['key'], 'shape': size, 'grad': grad,
                    'sha256': gather(storage, offset, size, stride, DTYPES[dtype])}

        class Unpickler(pickle.Unpickler):
            def find_class(self, module, name):
                if (module, name) == ('collections', 'OrderedDict'): return OrderedDict
                if (module, name) == ('_codecs', 'encode'): return lambda text, codec: text.encode(codec)
                if (module, name) == ('builtins', 'set'): return set
                if (module, name) == ('torch._utils', '_rebuild_tensor_v2'): return v2
                if (module, name) == ('torch._utils', '_rebuild_tensor_v3'): return v3
                if (module, name) == ('torch._utils', '_rebuild_parameter'): return lambda t, g, h: dict(t, parameter=g)
                assert module in ('torch', 'torch.storage'), (module, name)
                return name
            def persistent_load(self, pid):
                tag, cls, key, location, numel = pid
                assert tag == 'storage' and location == 'cpu'
                return {'class': cls, 'key': key, 'numel': numel}

        def plain(x):
            if isinstance(x, dict): return {'dict' if type(x) is dict else 'ordered': [[plain(k), plain(v)] for k, v in x.items()]} if 'sha256' not in x else x
            if isinstance(x, list): return [plain(v) for v in x]
            if isinstance(x, tuple): return {'tuple': [plain(v) for v in x]}
            if isinstance(x, set): return {'set': sorted(x)}
            if isinstance(x, bytes): return {'bytes': x.hex()}
            if isinstance(x, (int, float)) and not isinstance(x, bool): return {type(x).__name__: repr(x)}
            return x

        print(json.dumps(plain(Unpickler(archive.open(root + '/data.pkl')).load())))
        """;

    private const string Torch = """
        import hashlib, json, sys, torch
        # torch before 2.0 has no floating-point number in its weights_only reader (opcode 71), and before 1.13 no such reader.
        try:
            root = torch.load(sys.argv[1], weights_only=True)
        except TypeError:
            root = torch.load(sys.argv[1])
        except Exception as e:
            if int(torch.__version__.split('.')[0]) >= 2 or 'operand 71' not in str(e):
                raise
            root = torch.load(sys.argv[1])
        def digest(t):
            t = t.detach().contiguous()
            return hashlib.sha256(bytes(t.untyped_storage() if hasattr(t, 'untyped_storage') else t.storage().untyped())[:t.numel() * t.element_size()] if t.numel() else b'').hexdigest()
        state = root['model'] if 'model' in root else root
        print(json.dumps({k: [str(v.dtype), list(v.shape), digest(v), v.data_ptr()] for k, v in state.items()}))
        """;

    public static bool HasPython { get; } = Run("import zipfile, pickle", "") is not null;

    public static bool HasTorch { get; } = HasPython && Run("import torch", "") is not null;

    /// <summary>What Python's own pickle finds in a file.</summary>
    public static JsonElement Read(string path) => JsonDocument.Parse(Run(Describe, path, mustWork: true)!).RootElement;

    /// <summary>What torch finds in a state dict: for each name its dtype, shape, SHA-256 and address.</summary>
    public static JsonElement ReadWithTorch(string path) => JsonDocument.Parse(Run(Torch, path, mustWork: true)!).RootElement;

    private static string? Run(string program, string argument, bool mustWork = false)
    {
        try
        {
            ProcessStartInfo start = new("python3", ["-c", program, argument]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0 || !mustWork, errors.Result);
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception) when (!mustWork)
        {
            return null;
        }
    }
}
