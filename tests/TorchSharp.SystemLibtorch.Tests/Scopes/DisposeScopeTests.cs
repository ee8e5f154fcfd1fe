using Tests.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Scopes;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it_and_nothing_else()
    {
        using var outside = ones(1);
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = outside + 1;
            Assert.True(scope.Contains(inside));
            Assert.False(scope.Contains(outside));
            Assert.Equal(1, scope.DisposablesCount);
            Assert.Same(scope, CurrentDisposeScope);
        }
        Assert.True(inside.IsInvalid);
        Assert.False(outside.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Results_move_outwards_scope_by_scope()
    {
        Tensor result;
        using (var outer = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
                result = (ones(2) * 2).MoveToOuterDisposeScope();
            Assert.False(result.IsInvalid);
            Assert.True(outer.Contains(result));
            Assert.Equal(1, outer.DisposablesCount);
        }
        Assert.True(result.IsInvalid);
    }

    [Fact]
    public void From_the_outermost_scope_a_tensor_moves_into_freedom()
    {
        Tensor moved, detached;
        using (NewDisposeScope())
        {
            moved = ones(1).MoveToOuterDisposeScope();
            detached = ones(1).DetachFromDisposeScope();
        }
        Assert.False(moved.IsInvalid);
        Assert.False(detached.IsInvalid);
        moved.Dispose();
        detached.Dispose();
    }

    [Fact]
    public void A_tensor_moves_to_the_scope_of_another()
    {
        using var outer = NewDisposeScope();
        var anchor = ones(1);
        Tensor moved, attached = zeros(1).DetachFromDisposeScope();
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                moved = ones(1).MoveToOtherDisposeScope(anchor);
            attached.MoveToOtherDisposeScope(outer);
        }
        Assert.True(outer.Contains(moved));
        Assert.True(outer.Contains(attached));
        Assert.Equal(3, outer.DisposablesCount);
    }

    [Fact]
    public void Everything_but_a_few_can_go_early()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(1), c = ones(1);
        Assert.Same(b, scope.DisposeEverythingBut(b));
        Assert.True(a.IsInvalid);
        Assert.False(b.IsInvalid);
        Assert.True(c.IsInvalid);
        Assert.Same(b, Assert.Single(scope.DisposablesView));
        scope.DisposeEverything();
        Assert.True(b.IsInvalid);
    }

    [Fact]
    public void A_tensor_that_is_disposed_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 10).Select(_ => ones(1)).ToList();
        foreach (int i in new[] { 3, 0, 9, 5 })
            tensors[i].Dispose();
        Assert.Equal(6, scope.DisposablesCount);
        Assert.All(scope.DisposablesView, t => Assert.False(((Tensor)t).IsInvalid));
    }

    [Fact]
    public void Scopes_end_in_any_order()
    {
        var first = NewDisposeScope();
        var a = ones(1);
        var second = NewDisposeScope();
        var b = ones(1);
        first.Dispose();
        Assert.True(a.IsInvalid);
        Assert.False(b.IsInvalid);
        Assert.Same(second, CurrentDisposeScope);
        b.MoveToOuterDisposeScope();
        Assert.False(second.Contains(b));
        second.Dispose();
        Assert.Null(CurrentDisposeScope);
        Assert.False(b.IsInvalid);
        b.Dispose();
    }

    [Fact]
    public void A_scope_that_ended_refuses_work()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();
        using var tensor = ones(1);
        Assert.Throws<ObjectDisposedException>(() => scope.Attach(tensor));
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
    }

    [Fact]
    public void Only_tensors_can_be_attached()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        Assert.Throws<InvalidOperationException>(() => scope.Attach(stream));
    }

    [Fact]
    public void A_scope_belongs_to_its_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() =>
        {
            Assert.Null(CurrentDisposeScope);
            other = ones(1);
        });
        thread.Start();
        thread.Join();
        Assert.False(scope.Contains(other!));
        other!.Dispose();
    }

    [Fact]
    public void Tensors_of_a_scope_may_be_disposed_on_other_threads_while_it_makes_more()
    {
        long live = LiveTensors.Settle();
        using (NewDisposeScope())
        {
            var queue = new System.Collections.Concurrent.BlockingCollection<Tensor>();
            var consumer = new Thread(() =>
            {
                foreach (var tensor in queue.GetConsumingEnumerable())
                    tensor.Dispose();
            });
            consumer.Start();
            for (int i = 0; i < 5000; i++)
            {
                var tensor = ones(1);
                if (i % 2 == 0)
                    queue.Add(tensor);
            }
            queue.CompleteAdding();
            consumer.Join();
            Assert.Equal(2500, CurrentDisposeScope!.DisposablesCount);
        }
        Assert.Equal(live, Tensor.TotalCount);
    }

    [Fact]
    public void A_parameter_takes_the_place_of_the_tensor_it_was_made_from()
    {
        using var scope = NewDisposeScope();
        var data = ones(2);
        var parameter = new Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(scope.Contains(parameter));
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void The_thread_s_statistics_count_what_happened()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var outside = ones(1);
        using (var scope = NewDisposeScope())
        {
            ones(1).Dispose();
            _ = ones(1);
            ones(1).DetachFromDisposeScope().Dispose();
            scope.Attach(outside);
        }
        Assert.Equal(1, statistics.CreatedOutsideScopeCount);
        Assert.Equal(3, statistics.CreatedInScopeCount);
        Assert.Equal(3, statistics.DisposedInScopeCount);
        Assert.Equal(1, statistics.DisposedOutsideScopeCount);
        Assert.Equal(1, statistics.AttachedToScopeCount);
        Assert.Equal(1, statistics.DetachedFromScopeCount);
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
        Assert.Contains("ThreadTotalLiveCount: 0", statistics.ToString(), StringComparison.Ordinal);
    }
}
