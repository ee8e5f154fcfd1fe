using Importer.Evaluation;
using Importer.Generation;
using Importer.Models;
using Importer.Tests.Generation;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Evaluation;

public sealed class PerplexityEvaluatorTests : IDisposable
{
    private readonly PretrainedModel _model = GoldenGreedy.Load("tiny-gpt2");
    private readonly int[] _ids = [.. Enumerable.Range(0, 300).Select(i => i * i * 7 % 211)];

    public void Dispose() => _model.Dispose();

    [Fact]
    public void In_one_window_the_loss_is_transformers()
    {
        using var file = SafeTensorFile.Open(Path.Combine(Repository.Fixture("tiny-gpt2"), "expected.safetensors"));
        byte[] ids = new byte[2 * 17 * 8], loss = new byte[4];
        file.Read(file.Header["input_ids"], ids);
        file.Read(file.Header["loss"], loss);
        var rows = Enumerable.Range(0, 2).Select(row => Enumerable.Range(0, 17).Select(i => (int)BitConverter.ToInt64(ids, 8 * (17 * row + i))).ToArray());

        var results = rows.Select(row => PerplexityEvaluator.Evaluate(_model, row)).ToList();

        Assert.All(results, result => Assert.Equal(16, result.PredictedCount));
        Assert.Equal(BitConverter.ToSingle(loss), results.Average(result => result.Loss), 5e-5);
        Assert.Equal(Math.Exp(results[0].Loss), results[0].Perplexity);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(64, 64)]
    [InlineData(64, 1)]
    [InlineData(20, 7)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void Every_token_but_the_first_counts_once_with_what_its_window_has_before_it(int? window, int? stride)
    {
        var ids = _ids[..(window == 64 && stride == 1 ? 90 : 300)];
        var reports = new List<EvaluationProgress>();
        var result = PerplexityEvaluator.Evaluate(_model, ids, new() { WindowLength = window, Stride = stride, Progress = new Reports(reports) });

        var (expected, count) = Reference(ids, result.WindowLength, result.Stride);
        Assert.Equal(result.Stride < result.WindowLength ? ids.Length - 1 : ids.Length - (ids.Length + result.Stride - 1) / result.Stride, count);
        Assert.Equal(count, result.PredictedCount);
        Assert.Equal(expected, result.Loss, 1e-4);
        Assert.Equal(new EvaluationProgress(count, ids.Length - 1, result.Loss), reports[^1]);
    }

    [Fact]
    public void Nothing_is_left_and_misuse_is_named()
    {
        long before = LiveTensors.Settle();
        PerplexityEvaluator.Evaluate(_model, _ids);
        Assert.Equal(before, Tensor.TotalCount);

        Assert.Throws<ArgumentException>(() => PerplexityEvaluator.Evaluate(_model, [1]));
        Assert.Throws<ArgumentException>(() => PerplexityEvaluator.Evaluate(_model, [1, 211]));
        Assert.Throws<ArgumentException>(() => PerplexityEvaluator.Evaluate(_model, _ids, new() { WindowLength = 65 }));
        Assert.Throws<ArgumentException>(() => PerplexityEvaluator.Evaluate(_model, _ids, new() { Stride = 0 }));
        Assert.ThrowsAny<OperationCanceledException>(() => PerplexityEvaluator.Evaluate(_model, _ids, cancellationToken: new CancellationToken(true)));
    }

    [Fact]
    public void Logits_that_are_not_numbers_are_named()
    {
        using (var mode = no_grad())
        using (var scope = NewDisposeScope())
        {
            _model.parameters().First().fill_(float.NaN);
        }

        Assert.Contains("not numbers", Assert.Throws<GenerationException>(() => PerplexityEvaluator.Evaluate(_model, _ids)).Message);
    }

    /// <summary>The loop of transformers' page, token by token.</summary>
    private (double Loss, int Count) Reference(int[] ids, int window, int stride)
    {
        using var mode = no_grad();
        double sum = 0;
        int previousEnd = 1, count = 0;
        for (int begin = 0; previousEnd < ids.Length; begin += stride)
        {
            using var scope = NewDisposeScope();
            int end = Math.Min(begin + window, ids.Length);
            var logs = _model.call(tensor(ids[begin..end].Select(id => (long)id).ToArray()).unsqueeze(0)).log_softmax(-1);
            for (int target = Math.Max(previousEnd, begin + 1); target < end; target++, count++)
            {
                sum -= logs[0, target - 1 - begin, ids[target]].item<float>();
            }

            previousEnd = end;
        }

        return (sum / count, count);
    }

    private sealed class Reports(List<EvaluationProgress> list) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => list.Add(value);
    }
}
