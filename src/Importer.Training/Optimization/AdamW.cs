using static TorchSharp.torch;

namespace Importer.Training.Optimization;

/// <summary>
/// AdamW (Loshchilov and Hutter 2017, arXiv 1711.05101) as torch computes it, with clipping of the gradients' norm (Pascanu et al.
/// 2012, arXiv 1211.5063) as a part of the same pass. State is kept by name; everything happens in place.
/// </summary>
/// <remarks>
/// <para>
/// Parameters that are f32 and contiguous on the CPU are updated by one vectorised pass over parameter, gradient and both moments, in
/// parallel; its result does not depend on the number of threads. All others are updated by operators, one parameter after the
/// other, so that temporaries never take more than one parameter's size. A parameter without a gradient is left alone.
/// </para>
/// <para>Both moments are f32, or f64 for a parameter in f64: 8 bytes per element of an f32 parameter.</para>
/// </remarks>
public sealed class AdamW : IDisposable
{
    private readonly AdamWOptions _options;
    private readonly List<AdamWState> _states;

    /// <summary>Makes the optimizer, with all state zero.</summary>
    /// <param name="groups">The parameters.</param>
    /// <param name="options">Betas and epsilon; null for the defaults.</param>
    /// <exception cref="ArgumentException">A name or a parameter is there twice, or an option is out of range.</exception>
    public AdamW(IReadOnlyList<ParameterGroup> groups, AdamWOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(groups);
        _options = options ?? new AdamWOptions();
        _options.Validate();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in groups.SelectMany(group => group.Parameters))
        {
            if (!names.Add(name))
            {
                throw new ArgumentException($"The parameter {DisplayText.Escape(name)} is there twice; it would be stepped twice.", nameof(groups));
            }
        }

        _states = [.. groups.SelectMany(group => group.Parameters.Select(parameter => new AdamWState(parameter.Name, parameter.Parameter, group.WeightDecay)))];
        Names = [.. _states.Select(state => state.Name)];
        Tensors = [.. _states.SelectMany(state => state.Tensors)];
    }

    /// <summary>The names of the parameters, group after group: the order in which torch's optimizer numbers them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// The state by name: for each parameter <c>NAME.exp_avg</c> and <c>NAME.exp_avg_sq</c> in its shape, and <c>NAME.step</c>, its
    /// number of updates, I64 on the CPU, of shape []. Reading a checkpoint into these tensors is all there is to restoring.
    /// </summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>The weight decay of a parameter.</summary>
    /// <exception cref="KeyNotFoundException">The optimizer has no such parameter.</exception>
    public double WeightDecayOf(string name) =>
        (_states.FirstOrDefault(state => state.Name == name) ?? throw new KeyNotFoundException($"The optimizer has no parameter {name}.")).WeightDecay;

    /// <summary>The norm of all gradients together, in one pass over them. A run waits for the device here.</summary>
    /// <returns>The Euclidean norm; NaN or infinite where a gradient is, 0 where there are no gradients.</returns>
    public double GradientNorm()
    {
        using var mode = no_grad();
        var plain = new List<Tensor>();
        var others = new List<Tensor>();
        try
        {
            foreach (var gradient in _states.Select(state => state.Parameter.grad).OfType<Tensor>())
            {
                gradient.DetachFromDisposeScope();
                (CpuMemory.IsPlain(gradient) ? plain : others).Add(gradient);
            }

            double squares = AdamWKernel.SumOfSquares([.. plain.Select(gradient => (CpuMemory.Address(gradient), gradient.numel()))]);
            return Math.Sqrt(squares + AdamWOperators.SumOfSquares(others));
        }
        finally
        {
            plain.ForEach(gradient => gradient.Dispose());
            others.ForEach(gradient => gradient.Dispose());
        }
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="learningRate">The learning rate of this update.</param>
    /// <param name="maxNorm">
    /// The largest norm of all gradients together; larger ones count as scaled by maxNorm / (norm + 1e-6), as torch's
    /// <c>clip_grad_norm_</c> has it. 0 does not clip. The gradients themselves stay as they are.
    /// </param>
    /// <returns>The norm before clipping.</returns>
    public double Step(double learningRate, double maxNorm = 0) => Step(learningRate, maxNorm, GradientNorm());

    /// <inheritdoc cref="Step(double, double)"/>
    /// <param name="learningRate">The learning rate of this update.</param>
    /// <param name="maxNorm">The largest norm; 0 does not clip.</param>
    /// <param name="norm">What <see cref="GradientNorm"/> says, so that it is not computed again.</param>
    public double Step(double learningRate, double maxNorm, double norm)
    {
        using var mode = no_grad();
        // torch: clip_coef = max_norm / (total_norm + 1e-6), clamped to 1; NaN stays NaN.
        double scale = maxNorm > 0 ? Math.Min(1, maxNorm / (norm + 1e-6)) : 1;
        var tasks = new List<AdamWTask>();
        var gradients = new List<Tensor>();
        try
        {
            foreach (var state in _states)
            {
                if (state.Parameter.grad is not { } gradient)
                {
                    continue;
                }

                gradients.Add(gradient.DetachFromDisposeScope());
                var factors = AdamWFactors.For(_options, state.WeightDecay, learningRate, scale, state.Advance());
                if (state.IsPlain && CpuMemory.IsPlain(gradient))
                {
                    tasks.Add(state.Task(CpuMemory.Address(gradient), factors));
                }
                else
                {
                    AdamWOperators.Update(state, gradient, factors);
                }
            }

            AdamWKernel.Update(tasks);
        }
        finally
        {
            gradients.ForEach(gradient => gradient.Dispose());
        }

        return norm;
    }

    /// <summary>Frees all gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var state in _states)
        {
            state.Parameter.grad = null;
        }
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        foreach (var state in _states)
        {
            state.Dispose();
        }
    }
}
