using System.Text.Json.Nodes;

namespace Tests.Shared;

/// <summary>
/// A checkpoint with a published model's true shapes, names and mask tensors, and a header that nobody padded, as the
/// published files have; the numbers in it are noise. Made once, under artifacts/bench.
/// </summary>
internal static class GeneratedCheckpoint
{
    /// <summary>gpt2's own header is this long, so its data begins at byte 14,291.</summary>
    public const int PublishedHeaderLength = 14283;

    private const int BlockSize = 1024;
    private const int VocabSize = 50257;

    /// <summary>Where the checkpoints are.</summary>
    public static string Directory { get; } = Path.Combine(Repository.Root, "artifacts", "bench");

    /// <summary>The directory of a model of that name, made if need be.</summary>
    public static string For(string name)
    {
        string directory = Path.Combine(Directory, name);
        string weights = Path.Combine(directory, "model.safetensors");
        if (!File.Exists(weights))
        {
            var (layers, width) = name switch
            {
                "gpt2" => (12, 768),
                "gpt2-large" => (36, 1280),
                _ => throw new ArgumentException($"no shapes for {name}", nameof(name)),
            };
            System.IO.Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, "config.json"), Config(layers, width).ToJsonString());
            Write(weights + ".tmp", Tensors(layers, width), name == "gpt2" ? PublishedHeaderLength : null);
            File.Move(weights + ".tmp", weights);
        }

        // Warm page cache.
        File.OpenRead(weights).CopyTo(Stream.Null, 1 << 20);
        return directory;
    }

    private static JsonObject Config(int layers, int width) => new()
    {
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["model_type"] = "gpt2",
        ["activation_function"] = "gelu_new",
        ["layer_norm_epsilon"] = 1e-5,
        ["n_ctx"] = BlockSize,
        ["n_embd"] = width,
        ["n_head"] = width / 64,
        ["n_layer"] = layers,
        ["n_positions"] = BlockSize,
        ["vocab_size"] = VocabSize,
    };

    private static List<(string Name, long[] Shape)> Tensors(int layers, long d)
    {
        const long t = BlockSize;
        var tensors = new List<(string, long[])>();
        for (int i = 0; i < layers; i++)
        {
            tensors.AddRange(new (string, long[])[]
            {
                ("attn.bias", [1, 1, t, t]), ("attn.c_attn.bias", [3 * d]), ("attn.c_attn.weight", [d, 3 * d]), ("attn.c_proj.bias", [d]),
                ("attn.c_proj.weight", [d, d]), ("ln_1.bias", [d]), ("ln_1.weight", [d]), ("ln_2.bias", [d]), ("ln_2.weight", [d]),
                ("mlp.c_fc.bias", [4 * d]), ("mlp.c_fc.weight", [d, 4 * d]), ("mlp.c_proj.bias", [d]), ("mlp.c_proj.weight", [4 * d, d]),
            }.Select(tensor => ($"h.{i}.{tensor.Item1}", tensor.Item2)));
        }

        tensors.AddRange([("ln_f.bias", [d]), ("ln_f.weight", [d]), ("wpe.weight", [t, d]), ("wte.weight", [VocabSize, d])]);
        return tensors;
    }

    private static void Write(string path, List<(string Name, long[] Shape)> tensors, int? headerLength)
    {
        // The length of a header depends on the order of the tensors, through the digits of their offsets. The published
        // files are in a hash table's order; some order has the wanted length.
        var random = new Random(1);
        byte[] header = Header(tensors);
        for (int attempt = 0; headerLength is { } wanted && header.Length != wanted && attempt < 100_000; attempt++)
        {
            int i = random.Next(tensors.Count), j = random.Next(tensors.Count);
            (tensors[i], tensors[j]) = (tensors[j], tensors[i]);
            byte[] candidate = Header(tensors);
            if (Math.Abs(candidate.Length - wanted) <= Math.Abs(header.Length - wanted))
            {
                header = candidate;
            }
            else
            {
                (tensors[i], tensors[j]) = (tensors[j], tensors[i]);
            }
        }

        byte[] noise = new byte[4 << 20];
        for (int i = 0; i < noise.Length; i += 4)
        {
            BitConverter.TryWriteBytes(noise.AsSpan(i), (float)(random.NextDouble() - 0.5) * 0.1f);
        }

        using var stream = new FileStream(path, FileMode.Create);
        stream.Write(BitConverter.GetBytes((long)header.Length));
        stream.Write(header);
        foreach (var (_, shape) in tensors)
        {
            for (long left = shape.Aggregate(4L, (product, size) => product * size); left > 0; left -= noise.Length)
            {
                stream.Write(noise.AsSpan(0, (int)Math.Min(left, noise.Length)));
            }
        }
    }

    private static byte[] Header(List<(string Name, long[] Shape)> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach (var (name, shape) in tensors)
        {
            long end = offset + shape.Aggregate(4L, (product, size) => product * size);
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        return System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
    }
}
