using System.Text;

namespace Importer.Extensions.AI.Templates;

/// <summary>What a template sees while it is rendered: names, output, and how much of both it may make.</summary>
internal sealed class JinjaScope
{
    private const int MaxSteps = 2_000_000, MaxOutput = 1 << 26;

    private readonly Stack<Dictionary<string, object?>> _frames = new();
    private int _steps;

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
        if (weight > MaxSteps || (_steps += (int)weight) > MaxSteps)
        {
            throw JinjaError.Fails("it takes too many steps");
        }
    }

    public void Write(string text)
    {
        Step(1 + text.Length / 1024);
        if (Output.Length + text.Length > MaxOutput)
        {
            throw JinjaError.Fails("what it makes is too long");
        }

        Output.Append(text);
    }
}
