using System.Diagnostics.CodeAnalysis;

namespace PyTorchCheckpoints;

/// <summary>
/// An optimizer's state dict, <c>{"state": {0: {"step": …, "exp_avg": …}, …}, "param_groups": […]}</c>, as <c>torch.optim</c> saves it.
/// Parameters are numbered over all groups in the order in which the optimizer was given them. Nothing of its tensors is read before
/// it is asked for.
/// </summary>
public sealed class OptimizerState
{
    private readonly DictionaryValue _state;

    private OptimizerState(DictionaryValue state, IReadOnlyList<DictionaryValue> groups)
    {
        _state = state;
        ParamGroups = groups;
    }

    /// <summary>
    /// The groups with their settings, such as <c>lr</c> and <c>betas</c>, and with <c>params</c>, the parameters' numbers.
    /// </summary>
    public IReadOnlyList<DictionaryValue> ParamGroups { get; }

    /// <summary>The numbers of the parameters that have a state, in the order of the file.</summary>
    public IEnumerable<long> Parameters => _state.Keys.Select(key => (long)((IntegerValue)key).Value);

    /// <summary>Takes a value for an optimizer's state dict.</summary>
    /// <param name="value">Such as <c>header.Root["optimizer"]</c>.</param>
    /// <param name="optimizer">The state.</param>
    /// <returns>False when the value is not built like one.</returns>
    public static bool TryRead(CheckpointValue value, [NotNullWhen(true)] out OptimizerState? optimizer)
    {
        ArgumentNullException.ThrowIfNull(value);
        optimizer = null;
        if (value is not DictionaryValue dictionary
            || !dictionary.TryGetValue("state", out CheckpointValue? state) || state is not DictionaryValue byParameter
            || !dictionary.TryGetValue("param_groups", out CheckpointValue? groups) || groups is not SequenceValue { Kind: CheckpointValueKind.List } list
            || !list.All(group => group is DictionaryValue)
            || !byParameter.All(entry => entry.Value is DictionaryValue && entry.Key is IntegerValue number && number.TryGetSize(out _)))
        {
            return false;
        }

        optimizer = new OptimizerState(byParameter, [.. list.Cast<DictionaryValue>()]);
        return true;
    }

    /// <summary>Finds a tensor of a parameter's state, such as <c>exp_avg</c>, <c>exp_avg_sq</c> or <c>step</c> of AdamW.</summary>
    /// <param name="parameter">The parameter's number.</param>
    /// <param name="key">Which tensor.</param>
    /// <param name="tensor">The tensor.</param>
    public bool TryGetTensor(long parameter, string key, [NotNullWhen(true)] out PyTorchTensor? tensor)
    {
        tensor = TryGetValue(parameter, key, out CheckpointValue? value) ? value as PyTorchTensor : null;
        return tensor is not null;
    }

    /// <summary>Finds a value of a parameter's state; <c>step</c> is a number in files of early versions.</summary>
    /// <param name="parameter">The parameter's number.</param>
    /// <param name="key">Which value.</param>
    /// <param name="value">The value.</param>
    public bool TryGetValue(long parameter, string key, [NotNullWhen(true)] out CheckpointValue? value)
    {
        value = null;
        return _state.TryGetValue(parameter, out CheckpointValue? entry) && ((DictionaryValue)entry).TryGetValue(key, out value);
    }
}
