using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>
/// Where torch's generator and a source's draws stand before something that may fail, in nanoGPT's way of drawing: with one
/// generator for everything, an update that is dropped must not have drawn.
/// </summary>
internal sealed class GeneratorMark : IDisposable
{
    private readonly IPrefetchingSource _source;
    private readonly IReadOnlyList<long> _pending;
    private readonly Tensor _state;

    private GeneratorMark(IPrefetchingSource source)
    {
        _source = source;
        _pending = source.Pending;
        _state = get_rng_state().DetachFromDisposeScope();
    }

    /// <summary>The place now; null for a source whose batches depend on their number only.</summary>
    public static GeneratorMark? At(IBatchSource source) => source is IPrefetchingSource prefetching ? new GeneratorMark(prefetching) : null;

    /// <summary>Goes back.</summary>
    public void Return()
    {
        set_rng_state(_state);
        _source.Pending = _pending;
    }

    public void Dispose() => _state.Dispose();
}
