using Importer.Mapping;
using Importer.Sources;
using Importer.Tests.Mapping.Corpus;

namespace Importer.Tests.Mapping;

/// <summary>What is said of one name: where it goes and why, also where nothing fits.</summary>
public sealed class ExplanationTests
{
    private static readonly WeightMapping Gpt2 = MappingCatalog.BuiltIn.Find("gpt2")!;

    [Fact]
    public void Of_every_name_of_every_recorded_header()
    {
        foreach (RecordedHeader header in RecordedHeader.All.Where(header => header.Tensors.Count < 100))
        {
            WeightMapping mapping = header.Mapping();
            foreach (SourceTensor tensor in header.Tensors.Take(20))
            {
                TensorExplanation explanation = mapping.Explain(header.Config, header.Tensors, tensor.Name);
                Assert.True(explanation.Fate is TensorFate.Loaded or TensorFate.Tied or TensorFate.Dropped, $"{header.Name}: {tensor.Name}");
                Assert.True(explanation.IsSource);
                Assert.Contains(explanation.Rule!.Value.Section is "tie" ? "target" : "\"", explanation.RuleText, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Of_a_tensor_that_is_missing_misshapen_or_of_no_use()
    {
        List<SourceTensor> tensors = [.. Gpt2Headers.Tiny.Tensors.Where(tensor => tensor.Name != "h.1.ln_1.bias")];
        int index = tensors.FindIndex(tensor => tensor.Name == "h.2.mlp.c_fc.bias");
        tensors[index] = tensors[index] with { Shape = [7] };
        tensors.Add(tensors[0] with { Name = "h.9.ln_1.weight" });
        tensors.Add(tensors[0] with { Name = "adapter.weight" });

        TensorExplanation Of(string name) => Gpt2.Explain(Gpt2Headers.Tiny.Config, tensors, name);
        Assert.Equal((TensorFate.Missing, false, false), (Of("h.1.ln_1.bias").Fate, Of("h.1.ln_1.bias").IsSource, Of("h.1.ln_1.bias").IsParameter));
        Assert.Equal((TensorFate.Missing, true), (Of("transformer.h.1.ln_1.bias").Fate, Of("transformer.h.1.ln_1.bias").IsParameter));
        Assert.Equal(TensorFate.Misfit, Of("h.2.mlp.c_fc.bias").Fate);
        Assert.Equal((TensorFate.Unexpected, null), (Of("adapter.weight").Fate, Of("adapter.weight").Rule));
        Assert.Contains("goes up to {i} = 2, because L is 3", Of("h.9.ln_1.weight").Reason, StringComparison.Ordinal);
        Assert.Contains("as a whole does not fit", Of("h.0.ln_1.weight").Reason, StringComparison.Ordinal);
        Assert.Equal(TensorFate.Unknown, Of("nobody").Fate);
    }

    [Fact]
    public void Of_a_tensor_whose_rule_does_not_apply_here()
    {
        WeightMapping nano = MappingCatalog.BuiltIn.Find("gpt2-nanogpt")!;
        RecordedHeader header = RecordedHeader.Find("nanogpt-untied");
        List<SourceTensor> tensors = [.. header.Tensors, header.Tensors[2] with { Name = "transformer.h.0.ln_1.bias" }];

        TensorExplanation explanation = nano.Explain(header.Config, tensors, "transformer.h.0.ln_1.bias");

        Assert.Equal(TensorFate.Unexpected, explanation.Fate);
        Assert.Contains("applies only where 'B' holds", explanation.Reason, StringComparison.Ordinal);
        Assert.Contains("ln_1.bias", explanation.RuleText, StringComparison.Ordinal);
    }
}
