using System.Collections.Concurrent;
using PretrainedTokenizers;
using Tests.Shared;

namespace Tokenizers.Tests.Support;

/// <summary>The fixtures' tokenizers, each loaded once.</summary>
internal static class Loaded
{
    public static readonly string[] Names = ["tokenizer-tiny", "tokenizer-tiny-hforder", "tokenizer-gpt2", "tokenizer-gpt2-json", "tokenizer-minimind"];

    private static readonly ConcurrentDictionary<string, BpeTokenizer> Cache = [];

    public static BpeTokenizer Get(string name) => Cache.GetOrAdd(name, key => BpeTokenizer.FromDirectory(Repository.Fixture(key)));
}
