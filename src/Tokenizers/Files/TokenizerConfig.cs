namespace PretrainedTokenizers;

/// <summary>
/// What the files beside a vocabulary say: tokenizer_config.json, special_tokens_map.json, added_tokens.json, chat_template.jinja.
/// </summary>
internal sealed class TokenizerConfig
{
    public const string DefaultTemplate = "default";

    public string? TokenizerClass { get; set; }

    public bool? AddPrefixSpace { get; set; }

    public bool AddBos { get; set; }

    public bool AddEos { get; set; }

    /// <summary>The longest text in tokens that the model takes; null where none is set.</summary>
    public int? ModelMaxLength { get; set; }

    /// <summary>Chat templates by name, as they are.</summary>
    public Dictionary<string, string> ChatTemplates { get; } = [];

    /// <summary>Special tokens' texts by role, as <c>bos_token</c>; null where a file says there is none.</summary>
    public Dictionary<string, string?> Roles { get; } = [];

    /// <summary>How a special token that is given as an object is recognised, by its text.</summary>
    public Dictionary<string, AddedToken> Described { get; } = [];

    /// <summary>Special tokens without a role.</summary>
    public HashSet<string> AdditionalSpecial { get; } = [];

    /// <summary>The tokens of added_tokens_decoder.</summary>
    public List<AddedToken> AddedTokens { get; } = [];

    /// <summary>The ids of added_tokens.json.</summary>
    public List<(string Content, int Id)> AddedIds { get; } = [];

    /// <summary>Whether a text is a special token by any of the files.</summary>
    public bool IsSpecial(string content) => AdditionalSpecial.Contains(content) || Roles.ContainsValue(content);
}
