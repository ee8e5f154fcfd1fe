using Importer.Models;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Training.Tests;

[Collection(TorchCollection.Name)]
public sealed class HeadLossTests
{
    private const int RowBytes = sizeof(float) * Tiny.Vocab;

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(7, 0, true)]
    [InlineData(7, 3, true)]
    [InlineData(1000, 0, true)]
    [InlineData(1000, 3, false)]
    [InlineData(7, 3, false)]
    public void In_chunks_or_at_once_the_gradients_are_autograds(int rows, int ignoreEvery, bool tied)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(tied: tied);
        using var batch = ((IBatchSource)new NumberSource(Tiny.Vocab, Tiny.Block, ignoreEvery: ignoreEvery)).Read(0, 3);
        var expectedLoss = model.Loss(batch.Ids, batch.Targets);
        (expectedLoss * 0.25).backward();
        var expected = Gradients(model);
        model.zero_grad(set_to_none: true);

        var loss = new HeadLoss(model, rows * RowBytes);
        long counted = HeadLoss.Count(batch.Targets);
        double actual = loss.Backward(model.Hidden(batch.Ids), batch.Targets, counted, 0.25).item<double>();
        Assert.Equal(expectedLoss.item<float>(), actual, 1e-5);
        foreach (var (name, gradient) in Gradients(model))
        {
            Assert.True(gradient.allclose(expected[name], 1e-4, 1e-6), name);
        }

        using (no_grad())
        {
            Assert.Equal(actual, loss.Evaluate(model.Hidden(batch.Ids), batch.Targets, counted).item<double>(), 1e-6);
        }
    }

    [Fact]
    public void A_head_that_is_narrower_than_the_model_has_autograds_gradients_too()
    {
        using var scope = NewDisposeScope();
        using var model = PretrainedModel.FromPretrained(Repository.Fixture("tiny-opt-350m-style"), new() { Device = CPU, DType = ScalarType.Float32, Training = true });
        var ids = (arange(0, 34, ScalarType.Int64) * 11 % 141).view(2, 17);
        var targets = (ids * 3 + 1) % 141;
        var expectedLoss = model.Loss(ids, targets);
        expectedLoss.backward();
        var expected = Gradients(model);
        model.zero_grad(set_to_none: true);

        double actual = new HeadLoss(model, 5 * sizeof(float) * 141).Backward(model.Hidden(ids), targets, 34, 1).item<double>();

        Assert.Equal(expectedLoss.item<float>(), actual, 1e-5);
        var gradients = Gradients(model);
        Assert.Equal(expected.Keys, gradients.Keys);
        Assert.All(gradients, item => Assert.True(item.Value.allclose(expected[item.Key], 1e-4, 1e-6), item.Key));
    }

    [Fact]
    public void A_batch_of_which_nothing_counts_has_no_loss_and_no_gradient()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        var ids = ones(1, 4, dtype: ScalarType.Int64);
        var targets = full(new long[] { 1, 4 }, -100, dtype: ScalarType.Int64);
        var loss = new HeadLoss(model, 1 << 20);
        Assert.Equal(0, loss.Backward(model.Hidden(ids), targets, HeadLoss.Count(targets), 1).item<double>());
        Assert.All(Gradients(model).Values, gradient => Assert.Equal(0, gradient.abs().max().item<float>()));
    }

    [Fact]
    public void A_frozen_head_gets_no_gradient()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(tied: false);
        model.get_parameter("lm_head.weight")!.requires_grad = false;
        using var batch = ((IBatchSource)new NumberSource(Tiny.Vocab, Tiny.Block)).Read(0, 2);
        new HeadLoss(model, 1 << 20).Backward(model.Hidden(batch.Ids), batch.Targets, 32, 1);
        Assert.Null(model.get_parameter("lm_head.weight")!.grad);
        Assert.NotNull(model.get_parameter("transformer.wte.weight")!.grad);
    }

    private static Dictionary<string, Tensor> Gradients(PretrainedModel model) =>
        model.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
}
