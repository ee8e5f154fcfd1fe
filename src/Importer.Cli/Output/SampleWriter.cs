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
    private bool _begun;

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
    }

    public void Write(GeneratedTextPart part)
    {
        Begin();
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
        Begin();
        while (_current < _waiting.Length)
        {
            _out.Write(_waiting[_current].ToString());
            Close();
        }

        _out.Flush();
    }

    /// <summary>Leaves what cannot be gone on with; where nothing was shown yet, nothing is.</summary>
    public void Abandon()
    {
        if (_begun)
        {
            _out.WriteLine();
            _out.Flush();
        }
    }

    // Not before there is a token: what a wrong prompt leaves on standard output is nothing.
    private void Begin()
    {
        if (!_begun)
        {
            _begun = true;
            _out.Write(_before);
        }
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
