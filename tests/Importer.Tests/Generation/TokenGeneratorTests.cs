using Importer.Generation;
using Importer.Models;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Generation;

public sealed class TokenGeneratorTests : IDisposable
{
    private static readonly int[] Prompt = [5, 80, 17, 3];

    private readonly PretrainedModel _model = GoldenGreedy.Load("tiny-gpt2");
    private readonly TokenGenerator _generator;

    public TokenGeneratorTests() => _generator = new TokenGenerator(_model);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_tokens_and_another_others()
    {
        GenerationOptions Seeded(ulong seed) => new() { MaxNewTokens = 30, Temperature = 1.5, Seed = seed };
        var first = _generator.Generate(Prompt, Seeded(1))[0].Ids;

        Assert.Equal(first, _generator.Generate(Prompt, Seeded(1))[0].Ids);
        Assert.NotEqual(first, _generator.Generate(Prompt, Seeded(2))[0].Ids);
        Assert.NotEqual(
            _generator.Generate(Prompt, new() { MaxNewTokens = 30, Temperature = 1.5 })[0].Ids,
            _generator.Generate(Prompt, new() { MaxNewTokens = 30, Temperature = 1.5 })[0].Ids);
    }

    [Fact]
    public void What_a_prompt_gives_does_not_depend_on_what_is_beside_it()
    {
        var options = new GenerationOptions { MaxNewTokens = 30, Temperature = 1.5, Seed = 7, NumSamples = 3 };
        var alone = _generator.Generate(Prompt, options);
        var batched = _generator.Generate([[9, 9], Prompt], options);

        Assert.Equal(alone.Select(result => result.Ids), batched.Skip(3).Select(result => result.Ids));
        Assert.Equal(3, alone.Select(result => string.Join(' ', result.Ids)).Distinct().Count());
    }

    [Fact]
    public void A_stop_token_ends_its_own_sequence_and_is_its_last_id()
    {
        var all = _generator.Generate([Prompt, [60, 61]], new() { MaxNewTokens = 12 });
        int stop = all[0].Ids[4];

        var results = _generator.Generate([Prompt, [60, 61]], new() { MaxNewTokens = 12, StopTokens = [stop] });

        foreach (var (result, whole) in results.Zip(all))
        {
            int end = whole.Ids.ToList().IndexOf(stop);
            Assert.Equal(end < 0 ? FinishReason.Length : FinishReason.StopToken, result.FinishReason);
            Assert.Equal(end < 0 ? whole.Ids : whole.Ids.Take(end + 1), result.Ids);
        }
    }

    [Fact]
    public void Sequences_that_end_leave_the_batch_and_the_others_go_on_as_before()
    {
        int[][] prompts = [Prompt, [60, 61], [7, 8, 9, 10, 11, 12, 13], [100]];
        var all = _generator.Generate(prompts, new() { MaxNewTokens = 20 });
        int ended = 0;
        LogitsHook end = (in LogitsContext context, Span<float> logits) =>
        {
            if (context.Prompt != 2 && context.Ids.Length - context.PromptLength == 3 + context.Prompt)
            {
                logits.Fill(float.NegativeInfinity);
                logits[210] = 0;
                ended++;
            }
        };

        var results = _generator.Generate(prompts, new() { MaxNewTokens = 20, StopTokens = [210], LogitsHooks = [end] });

        Assert.Equal(3, ended);
        Assert.Equal(all[2].Ids, results[2].Ids);
        foreach (int i in new[] { 0, 1, 3 })
        {
            Assert.Equal([.. all[i].Ids.Take(3 + i), 210], results[i].Ids);
        }
    }

    [Fact]
    public void Hooks_see_the_sequence_and_change_what_is_chosen()
    {
        var seen = new List<int[]>();
        LogitsHook hook = (in LogitsContext context, Span<float> logits) =>
        {
            seen.Add(context.Ids.ToArray());
            Assert.Equal(211, logits.Length);
            Assert.Equal(Prompt.Length, context.PromptLength);
            logits[42] = float.PositiveInfinity;
        };

        var result = _generator.Generate(Prompt, new() { MaxNewTokens = 3, Temperature = 1, LogitsHooks = [hook] })[0];

        Assert.Equal([42, 42, 42], result.Ids);
        Assert.Equal([Prompt, [.. Prompt, 42], [.. Prompt, 42, 42]], seen);
    }

    [Fact]
    public void Logits_that_are_not_numbers_and_hooks_that_leave_nothing_are_named()
    {
        LogitsHook nothing = (in LogitsContext _, Span<float> logits) => logits.Fill(float.NegativeInfinity);
        LogitsHook broken = (in LogitsContext _, Span<float> logits) => logits[3] = float.NaN;

        Assert.Contains("minus infinity", Assert.Throws<GenerationException>(() => _generator.Generate(Prompt, new() { LogitsHooks = [nothing] })).Message);
        Assert.Contains("not numbers", Assert.Throws<GenerationException>(() => _generator.Generate(Prompt, new() { LogitsHooks = [broken] })).Message);
    }

    [Fact]
    public async Task A_stream_gives_the_tokens_of_the_whole()
    {
        var options = new GenerationOptions { MaxNewTokens = 10, NumSamples = 2, Temperature = 1, Seed = 3 };
        var expected = _generator.Generate([Prompt, [1]], options);
        var tokens = new List<GeneratedToken>();

        await foreach (var token in _generator.StreamAsync([Prompt, [1]], options))
        {
            tokens.Add(token);
        }

        foreach (var sequence in expected)
        {
            var own = tokens.Where(token => (token.Prompt, token.Sample) == (sequence.Prompt, sequence.Sample)).ToList();
            Assert.Equal(sequence.Ids, own.Select(token => token.Id));
            Assert.All(own.SkipLast(1), token => Assert.Null(token.FinishReason));
            Assert.Equal(sequence.FinishReason, own[^1].FinishReason);
        }
    }

    [Fact]
    public async Task Cancellation_ends_a_stream_after_what_was_made_and_a_call_at_once()
    {
        using var cancel = new CancellationTokenSource();
        int count = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var token in _generator.StreamAsync(Prompt, new() { MaxNewTokens = 1_000_000 }).WithCancellation(cancel.Token))
            {
                if (++count == 3)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        Assert.True(count >= 3);
        Assert.ThrowsAny<OperationCanceledException>(() => _generator.Generate(Prompt, cancellationToken: cancel.Token));
    }

    [Fact]
    public async Task An_abandoned_stream_ends_its_work_and_leaves_no_tensor()
    {
        long before = LiveTensors.Settle();
        await foreach (var token in _generator.StreamAsync(Prompt, new() { MaxNewTokens = 1_000_000 }))
        {
            break;
        }

        Assert.Equal(before, LiveTensors.Settle());
    }

    [Fact]
    public void Ten_thousand_tokens_leave_no_tensor_and_hold_no_more_than_a_hundred_do()
    {
        long before = LiveTensors.Settle(), early = 0, most = 0;
        int made = 0;
        LogitsHook count = (in LogitsContext _, Span<float> _) =>
        {
            most = Math.Max(most, Tensor.TotalCount);
            early = ++made == 100 ? most : early;
        };

        _generator.Generate(Prompt, new() { MaxNewTokens = 10_000, Temperature = 1, Seed = 1, LogitsHooks = [count] });

        Assert.Equal(10_000, made);
        Assert.Equal(early, most);
        Assert.Equal(before, LiveTensors.Settle());
    }

    [Fact]
    public void Beyond_the_context_exact_sliding_is_nanoGPTs()
    {
        // nanoGPT: idx_cond = idx[:, -block_size:], every time anew.
        var ids = new List<int>(Prompt);
        using (var mode = no_grad())
        {
            while (ids.Count < 90)
            {
                using var scope = NewDisposeScope();
                var window = tensor(ids.TakeLast(64).Select(id => (long)id).ToArray()).unsqueeze(0);
                ids.Add((int)_model.call(window)[0, -1].argmax().item<long>());
            }
        }

        foreach (bool useCache in new[] { true, false })
        {
            var options = new GenerationOptions { MaxNewTokens = 86, Overflow = ContextOverflow.SlideExactly, UseCache = useCache };
            Assert.Equal(ids.Skip(4), _generator.Generate(Prompt, options)[0].Ids);
        }
    }

    [Fact]
    public void Beyond_the_context_sliding_keeps_three_quarters_in_a_batch_as_alone()
    {
        var expected = Enumerable.Range(0, 2).Select(i => Sliding(i == 0 ? Prompt : [60, 61, 62, 63, 64, 65, 66, 67, 68])).ToList();

        var results = _generator.Generate([Prompt, [60, 61, 62, 63, 64, 65, 66, 67, 68]], new() { MaxNewTokens = 150 });

        Assert.Equal(expected, results.Select(result => result.Ids));
        var prompt = Enumerable.Range(0, 100).Select(i => i * 2).ToArray();
        Assert.Equal(
            _generator.Generate(prompt[^48..], new() { MaxNewTokens = 10 })[0].Ids,
            _generator.Generate(prompt, new() { MaxNewTokens = 10 })[0].Ids);

        List<int> Sliding(int[] prompt)
        {
            using var mode = no_grad();
            var ids = new List<int>(prompt);
            int start = 0;
            while (ids.Count < prompt.Length + 150)
            {
                using var scope = NewDisposeScope();
                start = ids.Count - start > 64 ? ids.Count - 48 : start;
                var window = tensor(ids.Skip(start).Select(id => (long)id).ToArray()).unsqueeze(0);
                ids.Add((int)_model.call(window)[0, -1].argmax().item<long>());
            }

            return ids[prompt.Length..];
        }
    }

    [Fact]
    public void Beyond_the_context_it_stops_where_that_is_asked_for()
    {
        var result = _generator.Generate(Prompt, new() { MaxNewTokens = 100, Overflow = ContextOverflow.Stop })[0];

        Assert.Equal(FinishReason.ContextFull, result.FinishReason);
        Assert.Equal(64 - Prompt.Length + 1, result.Ids.Count); // the last one is what the full context says
        Assert.Throws<ArgumentException>(() => _generator.Generate(new int[65], new() { Overflow = ContextOverflow.Stop }));
    }

    [Fact]
    public void Bf16_continues_in_the_same_way_as_its_own_logits_say()
    {
        using var model = PretrainedModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU, DType = bfloat16 });
        var generator = new TokenGenerator(model);
        var logits = new List<float[]>();
        LogitsHook keep = (in LogitsContext _, Span<float> all) => logits.Add(all.ToArray());

        var result = generator.Generate(Prompt, new() { MaxNewTokens = 8, LogitsHooks = [keep] })[0];

        Assert.Equal(logits.Select(all => Array.IndexOf(all, all.Max())), result.Ids);
    }

    [Fact]
    public void F16_on_a_cpu_computes_or_is_refused_before_anything_is_computed()
    {
        using var model = PretrainedModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU, DType = float16 });
        try
        {
            Assert.Equal(2, new TokenGenerator(model).Generate(Prompt, new() { MaxNewTokens = 2 })[0].Ids.Count);
        }
        catch (ArgumentException e)
        {
            Assert.Contains("BF16", e.Message);
        }
    }

    [Fact]
    public void Misuse_is_named()
    {
        Assert.Contains("no token", Assert.Throws<ArgumentException>(() => _generator.Generate(Array.Empty<int>())).Message);
        Assert.Contains("211", Assert.Throws<ArgumentException>(() => _generator.Generate([211])).Message);
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => _generator.Generate([-1])).Message);
        Assert.Contains("no prompt", Assert.Throws<ArgumentException>(() => _generator.Generate(Array.Empty<int[]>())).Message);
        _model.train();
        Assert.Throws<InvalidOperationException>(() => _generator.Generate(Prompt));
        _model.eval();
    }

    public static TheoryData<GenerationOptions, string> BadOptions => new()
    {
        { new() { MaxNewTokens = 0 }, "MaxNewTokens is 0" },
        { new() { Temperature = -1 }, "Temperature is -1" },
        { new() { Temperature = double.NaN }, "Temperature is NaN" },
        { new() { TopK = -2 }, "TopK is -2" },
        { new() { TopP = 0 }, "TopP is 0" },
        { new() { TopP = 1.5 }, "TopP is 1.5" },
        { new() { MinP = 2 }, "MinP is 2" },
        { new() { RepetitionPenalty = 0 }, "RepetitionPenalty is 0" },
        { new() { NumSamples = 0 }, "NumSamples is 0" },
        { new() { Overflow = (ContextOverflow)9 }, "Overflow is 9" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_range_are_named(GenerationOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => _generator.Generate(Prompt, options)).Message);
}
