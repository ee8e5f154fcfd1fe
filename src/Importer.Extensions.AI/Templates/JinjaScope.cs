using System.Text;

namespace Importer.Extensions.AI.Templates;

/// <summary>What a template sees while it is rendered: names, output, and how much of both it may make.</summary>
internal sealed class JinjaScope
{
    private const int MaxSteps = 2_000_000, MaxOutput = 1 << 26;

    // Text costs a step for so many characters: less where it is only looked at than where it is made, for that takes memory.
    private const int ReadPerStep = 1024, MadePerStep = 16;

    private readonly Stack<Dictionary<string, object?>> _frames = new();
    private long _steps;

    public JinjaScope(IEnumerable<KeyValuePair<string, object?>> names) => _frames.Push(new Dictionary<string, object?>(names));

    public StringBuilder Output { get; } = new();

    public object? this[string name]
    {
        get
        {
            foreach (var frame in _frames)
            {
                if (frame.TryGetValue(name, out object? value))
                {
                    return value;
                }
            }

            return JinjaValue.Undefined;
        }
        set => _frames.Peek()[name] = value;
    }

    public void Push() => _frames.Push([]);

    public void Pop() => _frames.Pop();

    /// <summary>Counts work, so that a hostile template ends.</summary>
    public void Step(long weight = 1)
    {
        if (weight > MaxSteps || (_steps += weight) > MaxSteps)
        {
            throw JinjaError.Fails("it takes too many steps");
        }
    }

    /// <summary>Counts a value that is gone through.</summary>
    public void StepOver(object? value) => Step(Weight(value, ReadPerStep));

    /// <summary>Counts a text before it is made.</summary>
    public void StepForText(long length) => Step(1 + length / MadePerStep);

    /// <summary>Counts a value that was made.</summary>
    public object? Made(object? value)
    {
        Step(Weight(value, MadePerStep));
        return value;
    }

    public void Write(string text)
    {
        StepForText(text.Length);
        if (Output.Length + text.Length > MaxOutput)
        {
            throw JinjaError.Fails("what it makes is too long");
        }

        Output.Append(text);
    }

    private static long Weight(object? value, int textPerStep) => value switch
    {
        string text => 1 + text.Length / textPerStep,
        List<object?> list => 1 + list.Count,
        Dictionary<string, object?> map => 1 + map.Count,
        _ => 1,
    };
}
