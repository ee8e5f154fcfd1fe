using System.Text;
using Importer.Generation;

namespace Importer.Cli.Output;

/// <summary>
/// Shows samples that are made at the same time one after another: the first as it comes, each other one as soon as those before it
/// have ended.
/// </summary>
internal sealed class SampleWriter
{
    /// <summary>What nanoGPT's sample.py prints behind each sample.</summary>
    public const string Separator = "---------------";

    private readonly TextWriter _out;
    private readonly string _before;
    private readonly bool _separate;
    private readonly StringBuilder[] _waiting;
    private readonly bool[] _ended;
    private int _current;

    /// <param name="output">Where the text goes.</param>
    /// <param name="samples">How many there are.</param>
    /// <param name="before">What stands before each: the prompt, or nothing.</param>
    /// <param name="separate">Whether a line goes behind each.</param>
    public SampleWriter(TextWriter output, int samples, string before, bool separate)
    {
        _out = output;
        _before = before;
        _separate = separate;
        _waiting = [.. Enumerable.Range(0, samples).Select(_ => new StringBuilder())];
        _ended = new bool[samples];
        _out.Write(before);
    }

    public void Write(GeneratedTextPart part)
    {
        _waiting[part.Sample].Append(part.Text);
        _ended[part.Sample] = part.FinishReason is not null;
        while (_current < _waiting.Length)
        {
            _out.Write(_waiting[_current].ToString());
            _waiting[_current].Clear();
            if (!_ended[_current])
            {
                break;
            }

            Close();
        }

        _out.Flush();
    }

    /// <summary>Shows what is left of samples that did not end.</summary>
    public void End()
    {
        while (_current < _waiting.Length)
        {
            _out.Write(_waiting[_current].ToString());
            Close();
        }

        _out.Flush();
    }

    private void Close()
    {
        _out.WriteLine();
        if (_separate)
        {
            _out.WriteLine(Separator);
        }

        if (++_current < _waiting.Length)
        {
            _out.Write(_before);
        }
    }
}
