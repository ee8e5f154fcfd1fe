using Importer.Loading;
using SafeTensorSharp;
using static TorchSharp.torch;

namespace Importer.Bench;

/// <summary>
/// The least that any load must do: the parameters' bytes from the page cache into fresh memory, unchanged, with the
/// loader's own page policy, block size and number of workers.
/// </summary>
internal static unsafe class IdentityCopy
{
    private const int BlockBytes = 2 << 20;
    private const long ChunkBytes = 128 << 20;

    public static void Run(string weights)
    {
        using var scope = NewDisposeScope();
        using var file = SafeTensorFile.Open(weights);
        var wanted = file.Header.Tensors.Where(tensor => !tensor.Name.EndsWith("attn.bias", StringComparison.Ordinal)).ToList();
        var blocks = new List<(SafeTensorInfo Tensor, long Offset, int Length, nint Address)>();
        for (int i = 0; i < wanted.Count;)
        {
            int first = i;
            long bytes = 0;
            for (; i < wanted.Count && bytes < ChunkBytes; i++)
            {
                bytes += wanted[i].ByteCount;
            }

            nint address = ParameterMemory.Address(empty(bytes / 4, dtype: float32));
            HugePages.Advise(address, bytes);
            for (int j = first; j < i; j++)
            {
                for (long offset = 0; offset < wanted[j].ByteCount; offset += BlockBytes)
                {
                    int length = (int)Math.Min(BlockBytes, wanted[j].ByteCount - offset);
                    blocks.Add((wanted[j], offset, length, address));
                    address += length;
                }
            }
        }

        int next = -1;
        Parallel.For(0, Math.Min(4, Environment.ProcessorCount), _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < blocks.Count;)
            {
                file.Read(blocks[i].Tensor, new Span<byte>((void*)blocks[i].Address, blocks[i].Length), blocks[i].Offset);
            }
        });
    }
}
