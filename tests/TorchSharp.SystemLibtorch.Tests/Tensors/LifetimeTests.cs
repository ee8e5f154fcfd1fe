using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tests.Shared;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Tensors;

public sealed unsafe class LifetimeTests
{
    private static int _freed;

    [Fact]
    public void Disposing_frees_once_however_often_it_is_asked()
    {
        var (tensor, freed) = TensorWithCountedMemory();
        tensor.Dispose();
        tensor.Dispose();
        Assert.Equal(freed + 1, _freed);
        Assert.True(tensor.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => tensor.Handle);
        Assert.Throws<InvalidOperationException>(() => tensor.add(1));
        Assert.Throws<InvalidOperationException>(() => tensor.shape);
    }

    [Fact]
    public void Memory_lives_as_long_as_the_last_view_of_it()
    {
        var (tensor, freed) = TensorWithCountedMemory();
        var view = tensor.view(2, 2);
        var alias = view.alias();
        tensor.Dispose();
        view.Dispose();
        Assert.Equal(freed, _freed);
        NumericAssert.Close([1, 2, 3, 4], alias);
        alias.Dispose();
        Assert.Equal(freed + 1, _freed);
    }

    [Fact]
    public void Threads_that_dispose_the_same_tensors_free_each_once()
    {
        const int count = 2000;
        long live = LiveTensors.Settle();
        int freed = _freed;
        var tensors = Enumerable.Range(0, count).Select(_ => TensorWithCountedMemory().Tensor).ToArray();
        using var start = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            foreach (var tensor in tensors)
                tensor.Dispose();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(freed + count, _freed);
        Assert.Equal(live, Tensor.TotalCount);
    }

    [Fact]
    public void The_finalizer_frees_what_nobody_disposed()
    {
        long live = LiveTensors.Settle();
        int freed = _freed;
        Forget();
        for (int i = 0; i < 20 && _freed < freed + 100; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(freed + 100, _freed);
        Assert.Equal(live, Tensor.TotalCount);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (int i = 0; i < 100; i++)
                TensorWithCountedMemory();
        }
    }

    [Fact]
    public void A_handle_changes_hands()
    {
        long live = LiveTensors.Settle();
        var (tensor, freed) = TensorWithCountedMemory();
        nint handle = tensor.DecoupleFromNativeHandle();
        Assert.True(tensor.IsInvalid);
        Assert.Equal(live, Tensor.TotalCount);
        Assert.Throws<InvalidOperationException>(() => tensor.DecoupleFromNativeHandle());
        using (var other = Tensor.UnsafeCreateTensor(handle))
            NumericAssert.Close([1, 2, 3, 4], other);
        Assert.Equal(freed + 1, _freed);
    }

    [Fact]
    public void A_training_step_inside_scopes_leaves_no_tensor()
    {
        long live = LiveTensors.Settle();
        using (NewDisposeScope())
        {
            var layer = nn.Linear(8, 8);
            for (int step = 0; step < 3; step++)
            {
                using var scope = NewDisposeScope();
                nn.functional.mse_loss(layer.call(randn(4, 8)), randn(4, 8)).backward();
                nn.utils.clip_grad_norm_(layer.parameters(), 1);
                using (no_grad())
                {
                    foreach (var parameter in layer.parameters())
                        parameter.sub_(parameter.grad! * 0.1);
                }
                layer.zero_grad();
            }
            layer.Dispose();
        }
        Assert.Equal(live, Tensor.TotalCount);
        Assert.True(Tensor.PeakCount > live);
    }

    [Fact]
    public void An_operator_that_fails_leaves_no_tensor()
    {
        long live = LiveTensors.Settle();
        using (var x = ones(2, 3))
        {
            for (int i = 0; i < 10; i++)
                Assert.Throws<ExternalException>(() => x.split([1, 1, 1], 0));
        }
        Assert.Equal(live, Tensor.TotalCount);
    }

    private static (Tensor Tensor, int Freed) TensorWithCountedMemory()
    {
        int before = _freed;
        var memory = (float*)NativeMemory.Alloc(4, sizeof(float));
        for (int i = 0; i < 4; i++)
            memory[i] = i + 1;
        long size = 4;
        var handle = NativeMethods.ts_tensor_from_memory((nint)memory, &size, 1, (int)ScalarType.Float32, &Free, (nint)memory);
        return (new Tensor(handle), before);
    }

    [UnmanagedCallersOnly]
    private static void Free(nint memory)
    {
        NativeMemory.Free((void*)memory);
        Interlocked.Increment(ref _freed);
    }
}
