using System.Diagnostics;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PretrainedTokenizers;
using Tests.Shared;

namespace Tokenizers.Tests.Chars;

public sealed class CharTokenizerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void NanoGPTs_meta_pkl_is_read()
    {
        Tokenizer tokenizer = Tokenizer.FromDirectory(Repository.Fixture("tokenizer-char"));
        Assert.IsType<CharTokenizer>(tokenizer);
        Assert.Equal(65, tokenizer.VocabularySize);

        // As data/shakespeare_char/readme.md has them: "\n !$&',-.3:;?ABC…".
        Assert.Equal([46, 47, 47, 1, 58, 46, 43, 56, 43], tokenizer.Encode("hii there"));
        Assert.Equal("hii there", tokenizer.Decode([46, 47, 47, 1, 58, 46, 43, 56, 43]));
        Assert.Equal((0, "\n", 64, "z"), (tokenizer.GetId("\n"), tokenizer.GetToken(0), tokenizer.GetId("z"), tokenizer.GetToken(64)));
        Assert.Null(tokenizer.EosId);
    }

    [Theory]
    [InlineData("meta.pkl")]
    [InlineData("meta.json")]
    public void A_vocabulary_comes_back_from_its_file(string name)
    {
        CharTokenizer tokenizer = CharTokenizer.FromText("\0\n\"\\ héllo 生命の😀𝐀\u2028\u001b");
        tokenizer.Save(_directory[name]);
        CharTokenizer again = Assert.IsType<CharTokenizer>(Tokenizer.FromDirectory(_directory.Path));
        Assert.Equal(tokenizer.Characters, again.Characters);
        Assert.Equal("生命😀", again.Decode(again.Encode("生命😀")));
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.tmp"));
    }

    [Fact]
    public void Characters_are_in_order_of_code_points()
    {
        CharTokenizer tokenizer = CharTokenizer.FromText("b\uFFFDa😀\uD83D");
        Assert.Equal(["a", "b", "\uFFFD", "😀"], tokenizer.Characters.Select(rune => rune.ToString()));
        Assert.Equal([2, 0], tokenizer.Encode("\uDE00a"));
    }

    [Fact]
    public void A_reader_gives_the_vocabulary_of_its_text()
    {
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => i % 3 == 0 ? "😀" : ((char)('a' + i % 26)).ToString()));
        foreach (string variant in new[] { text, "x" + text, text + "\uD83D", "" })
        {
            Assert.Equal(CharTokenizer.FromText(variant).Characters, CharTokenizer.FromText(new StringReader(variant)).Characters);
        }
    }

    [Fact]
    public void Every_text_of_known_characters_comes_back_also_one_by_one_and_from_a_stream()
    {
        CharTokenizer tokenizer = CharTokenizer.FromText("abc 生命😀𝐀\n");
        var texts = Gen.Elements(tokenizer.Characters.Select(rune => rune.ToString()).ToArray()).ListOf().Select(parts => string.Concat(parts)).ToArbitrary();
        Prop.ForAll(texts, text =>
        {
            int[] ids = tokenizer.Encode(text);
            StreamingDecoder decoder = tokenizer.CreateDecoder();
            return tokenizer.Decode(ids) == text
                && string.Concat(ids.Select(decoder.Append)) == text
                && tokenizer.Count(text) == ids.Length
                && new StreamEncoder(tokenizer, EncodeOptions.Default, 3).Encode(new StringReader(text)).SelectMany(block => block.Ids.ToArray()).SequenceEqual(ids);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void All_characters_that_are_missing_are_told_with_the_first_place()
    {
        CharTokenizer tokenizer = CharTokenizer.FromText("abc");
        var e = Assert.Throws<TokenizerTextException>(() => tokenizer.Encode("ab😀xc\u001bx"));
        Assert.Equal(["\u001b", "x", "😀"], e.Characters.Select(rune => rune.ToString()));
        Assert.Equal(2, e.Position);
        Assert.Contains("\\u001B", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<TokenizerTextException>(() => tokenizer.EncodeBlocks(new StringReader(new string('a', 100_000) + "?")).Count());
        Assert.Equal(100_000, e.Position);
    }

    [Theory]
    [InlineData("{}", "neither stoi nor itos")]
    [InlineData("""{"stoi":[]}""", "not a JSON object")]
    [InlineData("""{"stoi":{"a":"0"}}""", "not an integer")]
    [InlineData("""{"stoi":{"a":1}}""", "has the id 1, but only 1 entries")]
    [InlineData("""{"stoi":{"a":-1}}""", "has the id -1")]
    [InlineData("""{"itos":{"1":"a"}}""", "has the id 1, but only 1 entries")]
    [InlineData("""{"itos":{"4294967297":"a"}}""", "has the id 4294967297")]
    [InlineData("""{"stoi":{"a":0,"b":0}}""", "twice")]
    [InlineData("""{"stoi":{"ab":0}}""", "not one character")]
    [InlineData("""{"stoi":{"":0}}""", "not one character")]
    [InlineData("""{"itos":{"0":"a","1":"a"}}""", "twice")]
    [InlineData("""{"itos":{"0":"a","00":"b"}}""", "twice")]
    [InlineData("""{"itos":{"-1":"a"}}""", "not a character by its id")]
    [InlineData("""{"itos":{"0":1}}""", "not a character by its id")]
    [InlineData("""{"itos":{"0":"\ud800"}}""", "not valid Unicode")]
    [InlineData("""{"itos":{"0":"a"},"stoi":{"b":0}}""", "not the inverse")]
    [InlineData("""{"itos":{"0":"a"},"vocab_size":2}""", "vocab_size is 2")]
    [InlineData("""{"itos":{"0":"a"},"vocab_size":"1"}""", "vocab_size is not an integer")]
    [InlineData("", "not valid JSON")]
    public void A_broken_meta_json_is_refused(string json, string expected)
    {
        File.WriteAllText(_directory["meta.json"], json);
        Assert.Contains(expected, Assert.Throws<TokenizerFormatException>(() => CharTokenizer.FromMeta(_directory["meta.json"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("itos", "\"{0}\":\"a\"")]
    [InlineData("stoi", "\"{1}\":{0}")]
    public void Ids_that_a_table_would_be_slow_with_are_refused_at_once(string name, string entry)
    {
        // Multiples of this have the hash code 0: a table of them is a list, and this file would take ten minutes.
        const long Colliding = (1L << 32) + 1;
        string entries = string.Join(',', Enumerable.Range(1, 300_000).Select(i => string.Format(CultureInfo.InvariantCulture, entry, i * Colliding, i)));
        File.WriteAllText(_directory["meta.json"], $"{{\"{name}\":{{{entries}}}}}");
        Assert.Contains("has the id", Assert.Throws<TokenizerFormatException>(() => CharTokenizer.FromMeta(_directory["meta.json"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("800263706F73697865636F0A73797374656D0A712E", "opcode 0x63")] // cos\nsystem: what would run a command.
    [InlineData("80045D2E", "opcode 0x5D")]
    [InlineData("8004", "an end before its end")]
    [InlineData("80042E", "lacks its operand")]
    [InlineData("80064B012E", "protocol 6")]
    [InlineData("80044B012E", "something else than a dict")]
    [InlineData("80048D" + "FFFFFFFFFFFFFFFF" + "61", "an end before its end")]
    [InlineData("800468052E", "a reference to nothing")]
    [InlineData("8004" + "7D4B014B02732E", "neither stoi nor itos")]
    [InlineData("8004" + "7D284B01752E", "a key without a value")]
    [InlineData("8004" + "4B014B014B02732E", "not one of a dict")]
    [InlineData("8004" + "7D8C01FF4B02732E", "not UTF-8")]
    [InlineData("8004" + "7D8C0473746F694B01732E", "stoi that is not a dict")]
    public void A_pickle_of_anything_else_is_refused_and_nothing_of_it_is_run(string hex, string expected)
    {
        File.WriteAllBytes(_directory["meta.pkl"], Convert.FromHexString(hex));
        Assert.Contains(expected, Assert.Throws<TokenizerFormatException>(() => CharTokenizer.FromMeta(_directory["meta.pkl"])).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Python_reads_what_is_written_and_writes_what_is_read(int protocol)
    {
        CharTokenizer tokenizer = CharTokenizer.FromText(string.Concat(Enumerable.Range(32, 600).Select(c => new Rune(c).ToString())) + "😀\n");
        tokenizer.Save(_directory["meta.pkl"]);
        string script = $"""
            import pickle
            m = pickle.load(open('meta.pkl', 'rb'))
            assert m['vocab_size'] == len(m['itos']) == len(m['stoi'])
            assert all(m['stoi'][c] == i for i, c in m['itos'].items())
            assert list(m['itos'].values()) == sorted(m['itos'].values())
            pickle.dump(m, open('python.pkl', 'wb'), protocol={protocol})
            """;
        int? exit = Python(script);
        Skip.If(exit is null, "python3 is not there");
        Assert.Equal(0, exit);
        Assert.Equal(tokenizer.Characters, CharTokenizer.FromMeta(_directory["python.pkl"]).Characters);
    }

    [Fact]
    public void A_file_that_cannot_be_replaced_stays_as_it_is()
    {
        CharTokenizer tokenizer = CharTokenizer.FromText("abc");
        Assert.Throws<ArgumentException>(() => tokenizer.Save(_directory["meta.txt"]));
        Assert.ThrowsAny<IOException>(() => tokenizer.Save(_directory["nowhere", "meta.json"]));
        Directory.CreateDirectory(_directory["meta.json"]);
        Assert.ThrowsAny<Exception>(() => tokenizer.Save(_directory["meta.json"]));
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    private int? Python(string script)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("python3", ["-c", script]) { WorkingDirectory = _directory.Path })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
