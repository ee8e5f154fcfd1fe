using Importer.Models;
using static TorchSharp.torch;

namespace Importer.Tests.Golden;

/// <summary>Greedy continuation, token by token.</summary>
internal static class Greedy
{
    /// <summary>Compares a golden model's continuation with the expected one, computed afresh for every token and with a cache.</summary>
    public static void Check(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var mode = no_grad();
        var prompt = golden.Expected("greedy_prompt");
        long[] expected = golden.Expected("greedy_ids").data<long>().ToArray();

        Assert.Equal(expected, Continue(golden.Model, prompt, expected.Length, cache: null).data<long>().ToArray());
        using var cache = new KeyValueCache(golden.Model, batchSize: 1, capacity: expected.Length);
        Assert.Equal(expected, Continue(golden.Model, prompt, expected.Length, cache).data<long>().ToArray());
        Assert.Equal(expected.Length - 1, cache.Length);
    }

    private static Tensor Continue(PretrainedModel model, Tensor ids, int length, KeyValueCache? cache)
    {
        var input = ids;
        while (ids.shape[1] < length)
        {
            var logits = model.forward(input, cache);
            var next = logits.select(1, logits.shape[1] - 1).argmax(-1, keepdim: true);
            ids = cat([ids, next], 1);
            input = cache is null ? ids : next;
        }

        return ids;
    }
}
