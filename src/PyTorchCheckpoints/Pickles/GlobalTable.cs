using System.Collections.Frozen;
using SharedSource.Text;

namespace PyTorchCheckpoints;

/// <summary>
/// Every name that a pickle may use, by module and name as the file writes them. Nothing is looked up anywhere else, no prefix counts as
/// safe, and a dotted name is no path.
/// </summary>
internal static class GlobalTable
{
    private static readonly FrozenDictionary<(string Module, string Name), CheckpointValue> Known = Create();

    // Modules whose presence means that a whole object was pickled rather than its tensors.
    private static readonly string[] NumpyModules = ["numpy", "_codecs"];

    /// <summary>The value for a name; null when it is not in the table.</summary>
    public static CheckpointValue? Find(string module, string name) => Known.GetValueOrDefault((module, name));

    /// <summary>What to throw for a name that is not in the table.</summary>
    public static ForbiddenGlobalException Forbidden(string module, string name, string? path, long position)
    {
        string full = $"{module}.{name}";
        (string what, string remedy) = Advise(module, name);
        return new ForbiddenGlobalException(
            full, $"The pickle names {Escape.Quote(full)}, {what}", remedy, path, position);
    }

    private static (string What, string Remedy) Advise(string module, string name)
    {
        const string resave = "In Python, with a file whose author you trust: torch.save(model.state_dict(), \"weights.pt\"), then read that.";
        string top = module.Split('.', 2)[0];
        if (NumpyModules.Contains(top, StringComparer.Ordinal))
        {
            return ("part of a NumPy object", "Convert NumPy values to tensors or numbers and save again; "
                + "or, if they lie outside the state dict, read with AllowOpaque.");
        }

        if (module == "torch._utils" || module == "torch._tensor")
        {
            return ("how a sparse, quantized or otherwise special tensor is saved, which is not read",
                "Convert it to a dense tensor of a plain dtype and save again.");
        }

        if (top is "torch" && module.StartsWith("torch.nn.modules", StringComparison.Ordinal))
        {
            return ("a module's class: a whole model was pickled", resave);
        }

        if (top is "os" or "posix" or "nt" or "sys" or "subprocess" or "builtins" or "__builtin__" or "shutil" or "socket" or "runpy" or "importlib"
            or "pickle" or "_pickle" or "operator" or "functools" or "types" or "ctypes" or "webbrowser"
            or "code" or "pty" or "asyncio" or "multiprocessing")
        {
            return ("which no checkpoint of tensors needs and which malicious files use to run commands",
                "Do not load this file in Python. Nothing in it was run here. Get the weights from a source that you trust, best as safetensors.");
        }

        return ($"a class or function that is not part of a tensor ({(name.Length == 0 ? "without a name" : "an object of a program")} was pickled)",
            resave + " If such objects lie outside the state dict, read with AllowOpaque.");
    }

    private static FrozenDictionary<(string Module, string Name), CheckpointValue> Create()
    {
        Dictionary<(string Module, string Name), CheckpointValue> known = [];
        void Add(string module, string name, GlobalMeaning meaning) =>
            known.Add((module, name), new GlobalValue(meaning, $"{module}.{name}"));

        Add("collections", "OrderedDict", GlobalMeaning.OrderedDict);
        Add("torch._utils", "_rebuild_tensor", GlobalMeaning.RebuildTensor);
        Add("torch._utils", "_rebuild_tensor_v2", GlobalMeaning.RebuildTensorV2);
        Add("torch._utils", "_rebuild_tensor_v3", GlobalMeaning.RebuildTensorV3);
        Add("torch._utils", "_rebuild_parameter", GlobalMeaning.RebuildParameter);
        Add("torch._utils", "_rebuild_parameter_with_state", GlobalMeaning.RebuildParameterWithState);
        Add("torch._tensor", "_rebuild_from_type_v2", GlobalMeaning.RebuildFromType);
        Add("torch", "Tensor", GlobalMeaning.TensorClass);
        Add("torch.nn.parameter", "Parameter", GlobalMeaning.ParameterClass);
        Add("torch", "Size", GlobalMeaning.Size);
        Add("torch", "device", GlobalMeaning.Device);
        Add("builtins", "set", GlobalMeaning.Set);
        Add("__builtin__", "set", GlobalMeaning.Set);
        Add("_codecs", "encode", GlobalMeaning.Encode);
        Add("torch.storage", "UntypedStorage", GlobalMeaning.StorageClass);
        Add("torch", "UntypedStorage", GlobalMeaning.StorageClass);
        foreach (TorchDType dtype in TorchDTypes.All)
        {
            known.Add(("torch", TorchDTypes.Name(dtype)), new DTypeValue(dtype));
            if (TorchDTypes.StorageClass(dtype) is { } storage)
            {
                known.Add(("torch", storage), new GlobalValue(GlobalMeaning.StorageClass, "torch." + storage, dtype));
            }
        }

        return known.ToFrozenDictionary();
    }
}
