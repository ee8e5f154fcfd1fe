using SharedSource.Text;

namespace PretrainedTokenizers;

/// <summary>From the files of a byte-level tokenizer to its definition and configuration.</summary>
internal static class BpeLoader
{
    public const string TokenizerName = "tokenizer.json";
    public const string VocabularyName = "vocab.json";
    public const string MergesName = "merges.txt";

    // What transformers takes for these models where no file says anything.
    private const string EndOfText = "<|endoftext|>";

    private static readonly (string Name, string Kind)[] OtherKinds =
    [
        ("vocab.txt", "WordPiece"),
        ("tokenizer.model", "SentencePiece or tiktoken"),
        ("spiece.model", "SentencePiece"),
        ("sentencepiece.bpe.model", "SentencePiece"),
        ("qwen.tiktoken", "tiktoken"),
    ];

    /// <exception cref="TokenizerNotFoundException">The directory has no tokenizer.</exception>
    /// <exception cref="TokenizerUnsupportedException">The directory has one of another kind.</exception>
    public static BpeTokenizer FromDirectory(string directory, TokenizerOptions options)
    {
        string whole = Path.Combine(directory, TokenizerName);
        string vocabulary = Path.Combine(directory, VocabularyName);
        string merges = Path.Combine(directory, MergesName);
        bool isWhole = File.Exists(whole);
        if (!isWhole && !(File.Exists(vocabulary) && File.Exists(merges)))
        {
            throw NotFound(directory);
        }

        TokenizerConfig config = TokenizerConfigReader.Read(directory, options.Limits);
        BpeDefinition definition = isWhole
            ? TokenizerJsonReader.Read(FileBytes.ReadText(whole, options.Limits), whole, options.Limits)
            : ReadPair(vocabulary, merges, options.Limits);
        if (isWhole)
        {
            ApplyPrefixSpace(definition, config);
        }
        else
        {
            ApplyClass(definition, config, directory);
        }

        return Create(definition, config, Path.Combine(directory, TokenizerConfigReader.ConfigName), options);
    }

    public static BpeTokenizer FromFiles(string vocabularyPath, string mergesPath, TokenizerOptions options) =>
        Create(ReadPair(vocabularyPath, mergesPath, options.Limits), new TokenizerConfig(), vocabularyPath, options);

    public static BpeTokenizer FromTokenizerJson(Stream json, TokenizerOptions options) =>
        Create(
            TokenizerJsonReader.Read(FileBytes.ReadText(json, options.Limits), path: null, options.Limits),
            new TokenizerConfig(),
            path: null,
            options);

    private static BpeDefinition ReadPair(string vocabularyPath, string mergesPath, TokenizerLimits limits)
    {
        ProblemList problems = new();
        Vocabulary vocabulary = VocabularyReader.Read(
            FileBytes.ReadText(vocabularyPath, limits), vocabularyPath, Path.GetFileName(vocabularyPath), limits, problems);
        if (problems.Count > 0)
        {
            throw new TokenizerFormatException(problems.Items, vocabularyPath);
        }

        if (vocabulary.Find("!</w>"u8) >= 0)
        {
            throw new TokenizerUnsupportedException(["the end-of-word suffix </w> (CLIP, GPT-1)"], vocabularyPath);
        }

        MergeTable merges = MergesReader.ReadText(FileBytes.ReadText(mergesPath, limits).Span, vocabulary, problems);
        if (problems.Count > 0)
        {
            throw new TokenizerFormatException(
                problems.Items,
                mergesPath,
                $"{VocabularyName} and {MergesName} must be of one tokenizer; fetch both again from its source.");
        }

        return new BpeDefinition { Path = vocabularyPath, Vocabulary = vocabulary, Merges = merges };
    }

    // As transformers does: what tokenizer_config.json says replaces what a pre-tokenizer that is ByteLevel alone says.
    private static void ApplyPrefixSpace(BpeDefinition definition, TokenizerConfig config)
    {
        if (config.AddPrefixSpace is { } prefix && definition.Stages is [var only])
        {
            definition.Stages = [only with { PrefixSpace = prefix }];
        }
    }

    // vocab.json and merges.txt do not say how texts are cut; transformers' classes do.
    private static void ApplyClass(BpeDefinition definition, TokenizerConfig config, string directory)
    {
        switch (config.TokenizerClass)
        {
            case null or "GPT2Tokenizer" or "GPT2TokenizerFast" or "CodeGenTokenizer" or "CodeGenTokenizerFast":
                definition.Stages = [new PreTokenizerStage(new Gpt2Scanner(), config.AddPrefixSpace ?? false)];
                break;
            case "Qwen2Tokenizer" or "Qwen2TokenizerFast":
                definition.Stages = [new PreTokenizerStage(new Cl100kScanner(maxDigits: 1), PrefixSpace: false)];
                definition.Normalizes = true;
                break;
            default:
                throw new TokenizerUnsupportedException(
                    [$"the tokenizer_class {Escape.Quote(config.TokenizerClass)} without {TokenizerName}"],
                    Path.Combine(directory, TokenizerConfigReader.ConfigName));
        }
    }

    private static BpeTokenizer Create(BpeDefinition definition, TokenizerConfig config, string? path, TokenizerOptions options)
    {
        ProblemList problems = new();
        foreach (AddedToken token in config.AddedTokens)
        {
            AddNew(definition, token, TokenizerConfigReader.ConfigName, options.Limits, problems);
        }

        foreach (var (content, id) in config.AddedIds)
        {
            AddedToken token = config.Described.TryGetValue(content, out AddedToken? described)
                ? described with { Id = id }
                : new AddedToken(id, content) { Normalized = !config.IsSpecial(content) };
            token = token with { Special = config.IsSpecial(content) };
            AddNew(definition, token, TokenizerConfigReader.AddedTokensName, options.Limits, problems);
        }

        // A token with a role is recognised in texts, also where no list of added tokens has it.
        foreach (string role in new[] { "bos_token", "eos_token" })
        {
            config.Roles.TryAdd(role, definition.Find(EndOfText) >= 0 ? EndOfText : null);
        }

        foreach (string content in config.Roles.Values.OfType<string>().Concat(config.AdditionalSpecial))
        {
            if (definition.Find(content) is >= 0 and var id)
            {
                AddedToken token = config.Described.GetValueOrDefault(content) ?? new AddedToken(id, content);
                AddNew(definition, token with { Id = id, Special = true }, "special tokens", options.Limits, problems);
            }
        }

        if (problems.Count > 0)
        {
            throw new TokenizerFormatException(problems.Items, path);
        }

        AddRoles(definition, config);
        return new BpeTokenizer(definition, config, options);
    }

    private static void AddNew(BpeDefinition definition, AddedToken token, string where, TokenizerLimits limits, ProblemList problems)
    {
        if (!definition.IsAdded(token.Content))
        {
            definition.Add(token, where, limits, problems);
        }
    }

    // The post-processor says what a text begins and ends with; only where it adds nothing, the flags do.
    private static void AddRoles(BpeDefinition definition, TokenizerConfig config)
    {
        if (definition.Prefix.Count + definition.Suffix.Count > 0)
        {
            return;
        }

        if (config.AddBos && config.Roles["bos_token"] is { } bos && definition.Find(bos) is >= 0 and var bosId)
        {
            definition.Prefix.Add(bosId);
        }

        if (config.AddEos && config.Roles["eos_token"] is { } eos && definition.Find(eos) is >= 0 and var eosId)
        {
            definition.Suffix.Add(eosId);
        }
    }

    private static TokenizerException NotFound(string directory)
    {
        if (OtherKinds.FirstOrDefault(kind => File.Exists(Path.Combine(directory, kind.Name))) is { Name: not null } other)
        {
            return new TokenizerUnsupportedException([$"{other.Name}, the vocabulary of {other.Kind}, without {TokenizerName}"], directory);
        }

        string[] tried = [TokenizerName, VocabularyName, MergesName];
        string problem = Directory.Exists(directory)
            ? "The directory has neither tokenizer.json nor vocab.json with merges.txt"
            : "There is no such directory";
        return new TokenizerNotFoundException(problem, "Copy the files of the model's tokenizer beside its weights.", directory, tried);
    }
}
