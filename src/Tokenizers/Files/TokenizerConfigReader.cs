using System.Globalization;
using System.Text;
using System.Text.Json;
using SharedSource.Text;

namespace PretrainedTokenizers;

/// <summary>Reads the files beside a vocabulary, where they are there.</summary>
internal sealed class TokenizerConfigReader
{
    public const string ConfigName = "tokenizer_config.json";
    public const string SpecialTokensName = "special_tokens_map.json";
    public const string AddedTokensName = "added_tokens.json";
    public const string ChatTemplateName = "chat_template.jinja";

    private static readonly string[] Roles = ["bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token"];

    private readonly TokenizerConfig _config = new();
    private readonly ProblemList _problems = new();

    private TokenizerConfigReader()
    {
    }

    /// <exception cref="TokenizerFormatException">One of the files is broken.</exception>
    public static TokenizerConfig Read(string directory, TokenizerLimits limits)
    {
        TokenizerConfigReader reader = new();
        reader.Read(directory, ConfigName, limits, reader.ReadConfig);
        reader.Read(directory, SpecialTokensName, limits, reader.ReadSpecialTokens);
        reader.Read(directory, AddedTokensName, limits, reader.ReadAddedTokens);
        if (FileBytes.ReadTextIfPresent(Path.Combine(directory, ChatTemplateName), limits) is { } template)
        {
            reader._config.ChatTemplates[TokenizerConfig.DefaultTemplate] = Encoding.UTF8.GetString(template.Span);
        }

        return reader._config;
    }

    private void Read(string directory, string name, TokenizerLimits limits, Action<JsonElement> read)
    {
        string path = Path.Combine(directory, name);
        if (FileBytes.ReadTextIfPresent(path, limits) is not { } json)
        {
            return;
        }

        JsonElement root = JsonText.Element(json, path, name);
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new TokenizerFormatException($"{name} is not a JSON object", path);
        }

        // A string with half of a surrogate pair is only noticed when it is asked for.
        JsonText.Guarded(path, name, () =>
        {
            read(root);
            return true;
        });
        if (_problems.Count > 0)
        {
            throw new TokenizerFormatException(_problems.Items, path);
        }
    }

    private void ReadConfig(JsonElement root)
    {
        _config.TokenizerClass = JsonText.Text(root, "tokenizer_class", ConfigName, _problems);
        _config.AddBos = JsonText.Flag(root, "add_bos_token", absent: false, ConfigName, _problems);
        _config.AddEos = JsonText.Flag(root, "add_eos_token", absent: false, ConfigName, _problems);
        if (root.TryGetProperty("add_prefix_space", out JsonElement prefix) && prefix.ValueKind != JsonValueKind.Null)
        {
            _config.AddPrefixSpace = JsonText.Flag(root, "add_prefix_space", absent: false, ConfigName, _problems);
        }

        // Where there is no limit, transformers writes 1e30.
        if (root.TryGetProperty("model_max_length", out JsonElement length) && length.ValueKind == JsonValueKind.Number
            && length.TryGetInt32(out int tokens) && tokens > 0)
        {
            _config.ModelMaxLength = tokens;
        }

        ReadRoles(root, ConfigName);
        ReadChatTemplate(root);
        if (root.TryGetProperty("added_tokens_decoder", out JsonElement added) && added.ValueKind != JsonValueKind.Null)
        {
            ReadDecoder(added);
        }
    }

    private void ReadSpecialTokens(JsonElement root) => ReadRoles(root, SpecialTokensName);

    private void ReadRoles(JsonElement root, string where)
    {
        foreach (string role in Roles)
        {
            if (!root.TryGetProperty(role, out JsonElement value))
            {
                continue;
            }

            string? content = value.ValueKind == JsonValueKind.Null ? null : Content(value, $"{where}.{role}");
            if (_config.Roles.GetValueOrDefault(role) is null)
            {
                _config.Roles[role] = content;
            }
        }

        // A list, or (for a few models) an object from role to token.
        if (!root.TryGetProperty("additional_special_tokens", out JsonElement more))
        {
            root.TryGetProperty("extra_special_tokens", out more);
        }

        IEnumerable<JsonElement> items = more.ValueKind switch
        {
            JsonValueKind.Array => more.EnumerateArray(),
            JsonValueKind.Object => more.EnumerateObject().Select(member => member.Value),
            _ => [],
        };
        foreach (JsonElement item in items)
        {
            if (Content(item, where + ".additional_special_tokens") is { } content)
            {
                _config.AdditionalSpecial.Add(content);
            }
        }
    }

    private string? Content(JsonElement value, string where)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        if (AddedTokenJson.Read(value, 0, where, _problems) is { } token)
        {
            _config.Described.TryAdd(token.Content, token);
            return token.Content;
        }

        return null;
    }

    private void ReadChatTemplate(JsonElement root)
    {
        if (!root.TryGetProperty("chat_template", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            _config.ChatTemplates[TokenizerConfig.DefaultTemplate] = value.GetString()!;
            return;
        }

        foreach (JsonElement item in JsonText.Items(root, "chat_template", ConfigName, _problems))
        {
            if (item.ValueKind == JsonValueKind.Object && JsonText.Text(item, "name", ConfigName, _problems) is { } name
                && JsonText.Text(item, "template", ConfigName, _problems) is { } template)
            {
                _config.ChatTemplates[name] = template;
            }
            else
            {
                _problems.Add($"{ConfigName}.chat_template has an entry that is not a template with its name");
            }
        }
    }

    private void ReadDecoder(JsonElement added)
    {
        if (added.ValueKind != JsonValueKind.Object)
        {
            _problems.Add($"{ConfigName}.added_tokens_decoder is not an object");
            return;
        }

        foreach (JsonProperty member in added.EnumerateObject())
        {
            string where = $"{ConfigName}.added_tokens_decoder[{Escape.Quote(member.Name)}]";
            if (!int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                _problems.Add($"{where} is not an id");
            }
            else if (AddedTokenJson.Read(member.Value, id, where, _problems) is { } token)
            {
                _config.AddedTokens.Add(token);
            }
        }
    }

    private void ReadAddedTokens(JsonElement root)
    {
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out int id) && id >= 0)
            {
                _config.AddedIds.Add((member.Name, id));
            }
            else
            {
                _problems.Add($"{AddedTokensName}: the id of {Escape.Quote(member.Name)} is not a positive integer");
            }
        }
    }
}
