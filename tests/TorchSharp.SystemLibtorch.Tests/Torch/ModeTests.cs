using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Torch;

public sealed class ModeTests
{
    [Fact]
    public void Grad_modes_nest_and_are_restored()
    {
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            using (enable_grad())
                Assert.True(is_grad_enabled());
            using (set_grad_enabled(true))
                Assert.True(is_grad_enabled());
            Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void Ending_a_mode_twice_does_not_undo_the_next_one()
    {
        var first = no_grad();
        first.Dispose();
        using var second = no_grad();
        first.Dispose();
        Assert.False(is_grad_enabled());
    }

    [Fact]
    public void Nothing_is_recorded_without_grad()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        using (no_grad())
            Assert.False((x * 2).requires_grad);
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Inference_mode_makes_tensors_that_autograd_refuses()
    {
        using var scope = NewDisposeScope();
        Assert.False(is_inference_mode_enabled());
        Tensor made;
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False(is_grad_enabled());
            using (inference_mode(false))
                Assert.False(is_inference_mode_enabled());
            made = ones(2) * 2;
        }
        Assert.False(is_inference_mode_enabled());
        Assert.True(is_grad_enabled());
        var x = ones(2, requires_grad: true);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.mul(made));
    }

    [Fact]
    public void Inference_mode_ends_where_it_began()
    {
        var mode = inference_mode();
        Exception? caught = null;
        var thread = new Thread(() => caught = Record.Exception(mode.Dispose));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(caught);
        mode.Dispose();
        mode.Dispose();
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void A_mode_belongs_to_its_thread()
    {
        using var mode = no_grad();
        bool elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
    }
}
