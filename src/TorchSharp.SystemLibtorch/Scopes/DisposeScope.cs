namespace TorchSharp;

/// <summary>
/// Owns the tensors that its thread makes while it is the innermost scope, and disposes them when it ends.
/// Tensors may be disposed on other threads meanwhile.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly Lock _gate = new();
    private DisposeScopeManager? _manager;
    private List<torch.Tensor> _tensors = [];

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    internal DisposeScope? OuterScope { get; set; }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            _ = Manager();
            lock (_gate)
                return [.. _tensors];
        }
    }

    public int DisposablesCount
    {
        get
        {
            _ = Manager();
            return _tensors.Count;
        }
    }

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        Move(OuterScope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        Move(scope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        _ = Manager();
        foreach (var disposable in disposables)
            Move(scope, disposable);
    }

    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Move(null, disposable);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (Detach(first), Detach(second));

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (Detach(first), Detach(second), Detach(third));

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, (IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public void Attach(IDisposable disposable) => AttachOne(disposable);

    public void Attach(params IDisposable[] disposables) => _ = Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var attached = new List<IDisposable>();
        foreach (var disposable in disposables)
        {
            AttachOne(disposable);
            attached.Add(disposable);
        }
        return attached;
    }

    public void DisposeEverything()
    {
        _ = Manager();
        foreach (var tensor in TakeAll())
            tensor.Dispose();
    }

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        _ = Manager();
        var keep = inKeep.ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var tensor in TakeAll())
        {
            if (keep.Contains(tensor))
                Add(tensor);
            else
                tensor.Dispose();
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    public void Dispose()
    {
        if (_manager is not { } manager)
            return;
        DisposeEverything();
        manager.RemoveDisposeScope(this);
        _manager = null;
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        _ = Manager();
        if (disposable is torch.Tensor tensor)
            Forget(tensor);
    }

    public bool Contains(IDisposable disposable) =>
        disposable is torch.Tensor tensor && ReferenceEquals(tensor.OwningDisposeScope, this);

    /// <summary>Adds a tensor that no scope owns.</summary>
    internal void Add(torch.Tensor tensor)
    {
        lock (_gate)
        {
            tensor.OwningDisposeScope = this;
            tensor.ScopeIndex = _tensors.Count;
            _tensors.Add(tensor);
        }
    }

    /// <summary>Takes a tensor out of this scope; false if it was not in it.</summary>
    internal bool Forget(torch.Tensor tensor)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(tensor.OwningDisposeScope, this))
                return false;
            tensor.OwningDisposeScope = null;
            int index = tensor.ScopeIndex;
            if (index >= _tensors.Count || !ReferenceEquals(_tensors[index], tensor))
                return true;
            var last = _tensors[^1];
            _tensors[index] = last;
            last.ScopeIndex = index;
            _tensors.RemoveAt(_tensors.Count - 1);
            return true;
        }
    }

    private List<torch.Tensor> TakeAll()
    {
        lock (_gate)
        {
            var all = _tensors;
            _tensors = [];
            return all;
        }
    }

    private DisposeScopeManager Manager() => _manager ?? throw new ObjectDisposedException(GetType().FullName);

    private void Move(DisposeScope? target, IDisposable disposable)
    {
        var manager = Manager();
        if (disposable is not torch.Tensor tensor || ReferenceEquals(target, this) || !Forget(tensor))
            return;
        if (target is null)
            manager.StatisticsInstance.TensorStatistics.DetachedFromScopeCount++;
        else
            target.Add(tensor);
    }

    private void AttachOne(IDisposable disposable)
    {
        var manager = Manager();
        if (disposable is not torch.Tensor tensor)
            throw new InvalidOperationException("A dispose scope manages tensors only.");
        var old = tensor.OwningDisposeScope;
        if (ReferenceEquals(old, this))
            return;
        old?.Forget(tensor);
        Add(tensor);
        manager.StatisticsInstance.TensorStatistics.AttachedToScopeCount++;
    }
}
