using System.Text;
using PretrainedTokenizers;

namespace Importer.Generation;

/// <summary>Makes text of one continuation's tokens as they come.</summary>
internal sealed class TextCollector
{
    private readonly StreamingDecoder _decoder;
    private readonly StopStringMatcher _matcher;
    private readonly StringBuilder _text = new();
    private int _returned;

    public TextCollector(Tokenizer tokenizer, TextOptions options)
    {
        _decoder = tokenizer.CreateDecoder(options.SkipSpecialTokens);
        _matcher = new StopStringMatcher(options.StopStrings);
    }

    /// <summary>All the text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes a token, and says whether a stop string is complete with it.</summary>
    public bool Add(int id)
    {
        _text.Append(_matcher.Append(_decoder.Append(id)));
        return _matcher.IsFound;
    }

    /// <summary>Ends the text: what was held back belongs to it after all.</summary>
    public void End()
    {
        _text.Append(_matcher.Append(_decoder.Flush()));
        if (!_matcher.IsFound)
        {
            _text.Append(_matcher.Flush());
        }
    }

    /// <summary>What was not taken before.</summary>
    public string Take()
    {
        string part = _text.ToString(_returned, _text.Length - _returned);
        _returned = _text.Length;
        return part;
    }
}
