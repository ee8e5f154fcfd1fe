using Importer.IO;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>
/// Makes parameters whose memory is their final one: slots in a few large allocations that nothing initialises, or
/// places in a mapped file.
/// </summary>
internal static unsafe class ParameterMemory
{
    // A chunk is freed with its last parameter, so it is small beside a model and large beside a page.
    private const long ChunkBytes = 128 << 20;
    private const int Alignment = 64;

    /// <summary>Allocates parameters on the CPU, in chunks, uninitialised, each 64-byte aligned.</summary>
    /// <param name="planned">The parameters.</param>
    /// <param name="dtype">Their dtype.</param>
    /// <param name="parameters">Takes them; where an allocation fails, it holds those before, which are the caller's to free.</param>
    public static void Allocate(IReadOnlyList<PlannedParameter> planned, ScalarType dtype, Dictionary<string, Parameter> parameters)
    {
        long elementSize = TorchDTypes.FromTorch(dtype) switch { SafeTensorSharp.DType.F64 => 8, SafeTensorSharp.DType.F32 => 4, _ => 2 };
        long perSlot = Alignment / elementSize;
        for (int first = 0; first < planned.Count;)
        {
            int next = first;
            long elements = 0;
            var offsets = new List<long>();
            do
            {
                offsets.Add(elements);
                elements += (planned[next].Elements + perSlot - 1) / perSlot * perSlot;
                next++;
            }
            while (next < planned.Count && elements * elementSize < ChunkBytes);

            using var chunk = empty(Math.Max(elements, 1), dtype: dtype, device: CPU);
            HugePages.Advise(Address(chunk), elements * elementSize);
            for (int i = first; i < next; i++)
            {
                parameters.Add(planned[i].Name, View(chunk, offsets[i - first], planned[i].Shape));
            }

            first = next;
        }
    }

    /// <summary>Maps a file privately, once per dtype, and makes each parameter a view of its place in it.</summary>
    /// <param name="planned">The parameters.</param>
    /// <param name="path">The file of each.</param>
    /// <param name="parameters">Takes them; where a file cannot be mapped, it holds those before, which are the caller's to free.</param>
    public static void Map(IReadOnlyList<PlannedParameter> planned, Func<PlannedParameter, string> path, Dictionary<string, Parameter> parameters)
    {
        var maps = new Dictionary<(string, ScalarType), Tensor>();
        try
        {
            foreach (var parameter in planned)
            {
                var dtype = TorchDTypes.ToTorch(parameter.Row.DType) ?? throw new InvalidOperationException($"{parameter.Row.DType} cannot be mapped.");
                long elementSize = parameter.Row.Source.ByteCount / Math.Max(1, parameter.Row.Shape.Aggregate(1L, (p, s) => p * s));
                var key = (path(parameter), dtype);
                if (!maps.TryGetValue(key, out var map))
                {
                    maps[key] = map = from_file(key.Item1, shared: false, size: RegularFile.Length(key.Item1) / elementSize, dtype: dtype);
                }

                parameters.Add(parameter.Name, View(map, parameter.Row.Source.Offset / elementSize, parameter.Shape));
            }
        }
        finally
        {
            foreach (var map in maps.Values)
            {
                map.Dispose();
            }
        }
    }

    /// <summary>The address of a contiguous CPU tensor's first element.</summary>
    public static nint Address(Tensor tensor)
    {
        // A span ends at 2 GiB, a tensor does not: the address is taken of its first element alone.
        using var flat = tensor.reshape(-1);
        using var first = flat.narrow(0, 0, 1);
        fixed (byte* address = first.bytes)
        {
            return (nint)address;
        }
    }

    private static Parameter View(Tensor memory, long offset, long[] shape)
    {
        using var slot = memory.narrow(0, offset, shape.Aggregate(1L, (product, size) => product * size));
        using var shaped = slot.view(shape);
        using var owner = empty(0, dtype: memory.dtype, device: memory.device);

        // Not the view itself: views share a version counter with all others of their base, and autograd would take a
        // change of one parameter for a change of all.
        var parameter = new Parameter(owner.set_(shaped));
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
