using System.Text;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Tests.Mapping;

/// <summary>Damaged tables and configurations end in the family's own exceptions, quickly, or still mean something.</summary>
public sealed class FuzzTests
{
    private static readonly byte[] Table = File.ReadAllBytes(Path.Combine(MappingFiles.Directory, "gpt2.json"));

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", "\"", ",", ":", "null", "0", "-1", "1e999", "\"{i}\"", "\"{n:1,2}\"", "^", "|", "??", "\\ud800", "\\u0000",
        "//", "/*", "D", "99999999999", "h.{i}", "{i}{i}", "((((((((((((((((((((((((((((((((((((((((", "\u202e", "\0",
    ];

    [Fact]
    public void A_damaged_table_is_refused_with_places_or_still_valid()
    {
        Random random = new(20261);
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = Damage(Table, random);
            try
            {
                WeightMapping mapping = WeightMapping.Parse(damaged, "fuzz.json");
                TryCompile(mapping, Gpt2Headers.Tiny.Config, Gpt2Headers.Tiny.Tensors);
            }
            catch (MappingTableException exception)
            {
                refused++;
                Assert.NotEmpty(exception.Problems);
            }
        }

        Assert.InRange(refused, 1500, 2999);
    }

    [Fact]
    public void A_configuration_of_random_values_is_refused_by_key_or_fits()
    {
        Random random = new(20262);
        string[] keys = ["n_layer", "n_embd", "n_inner", "vocab_size", "n_positions", "n_ctx", "tie_word_embeddings", "model_type", "\\ud800"];
        string[] values =
        [
            "null", "0", "1", "3", "-7", "48", "64", "211", "2147483647", "2147483648", "9223372036854775807", "1e3", "0.5", "true", "false",
            "\"gpt2\"", "\"\"", "[]", "{}", "\"\\ud800\"",
        ];
        List<SourceTensor> tensors = Gpt2Headers.Tiny.Tensors;
        for (int round = 0; round < 3000; round++)
        {
            IEnumerable<string> pairs = keys.Where(_ => random.Next(8) > 0).Select(key => $"\"{key}\": {values[random.Next(values.Length)]}");
            TryCompile(MappingCatalog.BuiltIn.Find("gpt2")!, Gpt2Headers.ConfigOf("{" + string.Join(',', pairs) + "}"), tensors);
        }
    }

    [Fact]
    public void Headers_of_random_names_and_shapes_are_refused_and_never_crash()
    {
        Random random = new(20263);
        string[] pieces =
        [
            "h.", "0", "1", "999999999999999999999", ".attn.", "bias", "weight", "wte", "lm_head", "transformer.", "module.", "", "\0",
            "\ud800", "{i}", "^",
        ];
        for (int round = 0; round < 300; round++)
        {
            List<SourceTensor> tensors = Gpt2Headers.Tiny.Tensors;
            for (int i = 0; i < 60; i++)
            {
                string name = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => pieces[random.Next(pieces.Length)]));
                long[] shape = [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.NextInt64(-2, long.MaxValue) >> random.Next(63))];
                DType dtype = (DType)random.Next(22);
                tensors.Add(new SourceTensor(name, dtype, shape, "f", random.NextInt64(-5, 100), random.NextInt64(-5, long.MaxValue)));
            }

            Assert.Throws<CheckpointMismatchException>(() => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(Gpt2Headers.Tiny.Config, tensors));
        }
    }

    private static void TryCompile(WeightMapping mapping, ModelConfigValues config, List<SourceTensor> tensors)
    {
        try
        {
            _ = mapping.Compile(config, tensors);
        }
        catch (CheckpointMismatchException exception)
        {
            Assert.NotEmpty(exception.Problems);
        }
    }

    private static byte[] Damage(byte[] table, Random random)
    {
        List<byte> bytes = [.. table];
        for (int i = random.Next(3); i >= 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(40), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - 60), random.Next(60)));
                    break;
                default:
                    // A letter inside a name or an expression: still JSON, another meaning.
                    int letter = bytes.FindIndex(at, b => char.IsAsciiLetterOrDigit((char)b));
                    bytes[letter < 0 ? at : letter] = (byte)"iDLFVTn_.{}3*|"[random.Next(14)];
                    break;
            }
        }

        return [.. bytes];
    }
}
