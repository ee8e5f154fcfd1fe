using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Torch;

public sealed class RandomTests
{
    [Fact]
    public void A_seed_gives_the_same_numbers_again()
    {
        using var scope = NewDisposeScope();
        manual_seed(42);
        var first = randn(100);
        Assert.Equal(42, initial_seed());
        manual_seed(42);
        Assert.True(randn(100).Equals(first));
        Assert.False(randn(100).Equals(first));
    }

    [Fact]
    public void The_state_can_be_saved_and_set_back_bit_by_bit()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        // An odd number of normals leaves one in the generator's pocket, which is part of the state.
        _ = randn(3);
        var state = get_rng_state();
        Assert.Equal(uint8, state.dtype);
        Tensor[] Draw() => [randn(5), rand(5), randint(0, 1000, [5L]), randperm(5), bernoulli(full(5, 0.5)), nn.functional.dropout(ones(50))];
        var first = Draw();
        set_rng_state(state);
        foreach (var (a, b) in first.Zip(Draw()))
            Assert.Equal(a.bytes.ToArray(), b.bytes.ToArray());
        Assert.Equal(state.bytes.ToArray().Length, get_rng_state().bytes.Length);
    }

    [Fact]
    public void A_state_that_is_none_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => set_rng_state(zeros(3, dtype: uint8)));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => set_rng_state(zeros(3)));
    }

    [Fact]
    public void A_generator_of_one_s_own_does_not_touch_the_default_one()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var expected = rand(4);
        manual_seed(1);
        using var a = new Generator(5);
        using var b = new Generator();
        b.manual_seed(5);
        Assert.True(rand(3, generator: a).Equals(rand(3, generator: b)));
        Assert.True(randn(2, 2, generator: a).Equals(randn(2, 2, generator: b)));
        var p = tensor(new[] { 0.1f, 0.2f, 0.7f });
        Assert.True(p.multinomial(20, true, a).Equals(p.multinomial(20, true, b)));
        Assert.True(ones(9).exponential_(generator: a).Equals(ones(9).exponential_(generator: b)));
        Assert.True(rand(4).Equals(expected));
        var state = a.get_state();
        var next = rand(3, generator: a);
        a.set_state(state);
        Assert.True(rand(3, generator: a).Equals(next));
        Assert.Equal(5, a.initial_seed());
    }

    [Fact]
    public void A_generator_that_was_disposed_refuses_work()
    {
        var generator = new Generator(1);
        generator.Dispose();
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.get_state());
        Assert.Throws<ObjectDisposedException>(() => generator.manual_seed(1));
        Assert.ThrowsAny<Exception>(() => rand(3, generator: generator));
    }

    [Fact]
    public void Distributions_are_what_they_are_called()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var normal = empty(100_000).normal_(2, 3);
        Assert.Equal(2, normal.mean().item<float>(), 0.05);
        Assert.Equal(3, normal.std().item<float>(), 0.05);
        var uniform = empty(100_000).uniform_(-1, 3);
        Assert.Equal(1, uniform.mean().item<float>(), 0.05);
        Assert.True(uniform.min().item<float>() >= -1 && uniform.max().item<float>() < 3);
        Assert.Equal(0.3, empty(100_000).bernoulli_(0.3).mean().item<float>(), 0.01);
        var draws = tensor(new[] { 1f, 0, 3 }).multinomial(10_000, true).bincount(null, 3);
        Assert.Equal(0, draws[1].item<long>());
        Assert.Equal(0.25, draws[0].item<long>() / 10_000.0, 0.02);
        var ints = randint(3, 6, [1000L]);
        Assert.True(ints.min().item<long>() == 3 && ints.max().item<long>() == 5);
    }
}
