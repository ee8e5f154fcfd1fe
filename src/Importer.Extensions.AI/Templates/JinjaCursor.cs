namespace Importer.Extensions.AI.Templates;

/// <summary>Tokens, and how far they are read.</summary>
internal abstract class JinjaCursor(List<JinjaToken> tokens)
{
    private int _next;

    public JinjaToken Current => tokens[_next];

    public JinjaToken Take() => tokens[Math.Min(_next++, tokens.Count - 1)];

    public bool Accept(string text)
    {
        bool found = Is(text);
        _next += found ? 1 : 0;
        return found;
    }

    public void Expect(string text)
    {
        if (!Accept(text))
        {
            throw JinjaError.Broken($"'{text}' is missing before '{Current.Text}'");
        }
    }

    public string Name() => Current.Kind == JinjaTokenKind.Name ? Take().Text : throw JinjaError.Broken($"a name is missing before '{Current.Text}'");

    public void End()
    {
        if (Current.Kind != JinjaTokenKind.End)
        {
            throw JinjaError.Broken($"'{Current.Text}' is not understood");
        }
    }

    /// <summary>Takes two tokens, if both are there.</summary>
    protected bool Accept(string first, string second)
    {
        bool found = Is(first) && IsFollowedBy(JinjaTokenKind.Name, second);
        _next += found ? 2 : 0;
        return found;
    }

    protected bool IsFollowedBy(JinjaTokenKind kind, string text) => tokens[_next + 1] == new JinjaToken(kind, text);

    protected bool Is(string text) => Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.Sign && Current.Text == text;
}
