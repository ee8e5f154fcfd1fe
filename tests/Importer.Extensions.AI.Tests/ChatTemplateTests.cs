using System.Text.Json;
using Microsoft.Extensions.AI;
using PretrainedTokenizers;
using Tests.Shared;

namespace Importer.Extensions.AI.Tests;

public sealed class ChatTemplateTests
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var (i, line) in File.ReadLines(Path.Combine(Repository.Fixture("chat-templates"), "cases.jsonl")).Index())
            {
                using var json = JsonDocument.Parse(line);
                data.Add(json.RootElement.GetProperty("name").GetString()!, i);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Templates_render_as_jinja_renders_them(string name, int line)
    {
        using var json = JsonDocument.Parse(File.ReadLines(Path.Combine(Repository.Fixture("chat-templates"), "cases.jsonl")).ElementAt(line));
        var root = json.RootElement;
        Assert.Equal(name, root.GetProperty("name").GetString());
        var messages = root.GetProperty("messages").EnumerateArray()
            .Select(message => new ChatMessage(new ChatRole(message.GetProperty("role").GetString()!), message.GetProperty("content").GetString())).ToList();
        var template = ChatTemplate.Parse(root.GetProperty("template").GetString()!, "<s>", "</s>");
        bool addGenerationPrompt = root.GetProperty("add_generation_prompt").GetBoolean();

        if (root.GetProperty("rendered").GetString() is { } expected)
        {
            Assert.Equal(expected, template.Render(messages, addGenerationPrompt));
        }
        else
        {
            var error = Assert.Throws<ChatTemplateException>(() => template.Render(messages, addGenerationPrompt));
            Assert.Contains(root.GetProperty("error").GetString()!, error.Message);
        }
    }

    [Fact]
    public void A_tokenizers_template_is_its_own()
    {
        var tokenizer = Tokenizer.FromDirectory(Repository.Fixture("tokenizer-minimind"));
        string text = ChatTemplate.Of(tokenizer)!.Render([new(ChatRole.User, "hi")]);

        Assert.StartsWith("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", text);
        Assert.Null(ChatTemplate.Of(Tokenizer.FromDirectory(Repository.Fixture("tokenizer-gpt2"))));
    }

    [Theory]
    [InlineData("{% macro f() %}{% endmacro %}", "macro")]
    [InlineData("{{ messages | map(attribute='x') }}", "map")]
    [InlineData("{{ messages | first(1) }}", "the filter first with such arguments")]
    [InlineData("{{ messages | tojson(sort_keys=true) }}", "the filter tojson with such arguments")]
    [InlineData("{{ [{}] | selectattr('a', 'divisibleby', 2) }}", "the test divisibleby of selectattr")]
    [InlineData("{{ [{}] | selectattr('a.b') }}", "selectattr")]
    [InlineData("{{ 'a'.strip(chars='a') }}", "strip with named arguments")]
    [InlineData("{{ 'a'.split('b', 1) }}", "the method split of text with 2 arguments")]
    [InlineData("{{ namespace({'a': 1}) }}", "the function namespace with such arguments")]
    [InlineData("{{ {1: 2} }}", "keys are not text")]
    [InlineData("{{ namespace(a=1, a=2) }}", "the argument a is there twice")]
    [InlineData("{{ 1.2.3 }}", "'1.2.3' is no number")]
    [InlineData("{{ '\\101' }}", "the escape")]
    [InlineData("{{ '\\x4' }}", "no character")]
    [InlineData("{{ strftime_now('%Y') }}", "strftime_now")]
    [InlineData("{{ 'a'.encode() }}", "encode")]
    [InlineData("{{ 1 is divisibleby }}", "divisibleby")]
    [InlineData("{% set x %}a{% endset %}", "set block")]
    [InlineData("{% include 'x' %}", "include")]
    [InlineData("{% if true %}", "endif")]
    [InlineData("{% endfor %}", "endfor")]
    [InlineData("{% for x in y %}{% endif %}", "endif")]
    [InlineData("{{ 'a }}", "not closed")]
    [InlineData("{{ 1 + }}", "not understood")]
    [InlineData("{{ a b }}", "not understood")]
    [InlineData("{{ a", "not closed")]
    [InlineData("{{ a ? b }}", "?")]
    [InlineData("{{ messages.x.y }}", "not there")]
    [InlineData("{{ 1 // 0 }}", "zero")]
    [InlineData("{{ raise_exception('no system role') }}", "no system role")]
    public void What_is_not_supported_or_broken_is_named(string template, string named) =>
        Assert.Contains(named, Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template).Render([])).Message);

    [Theory]
    [InlineData("{{ bos_token }}a\n", "<s>a")]
    [InlineData("{{ bos_token }}a\n\n", "<s>a\n")]
    [InlineData("a\r\nb\rc\r", "a\nb\nc")]
    [InlineData("{{ [1, 'a', none, true, 0.1 + 0.2, {'b': \"it's\"}, missing] }}", "[1, 'a', None, True, 0.30000000000000004, {'b': \"it's\"}, Undefined]")]
    [InlineData("{{ ['a\\n\\'\"\\\\é\\x07\\u2028'] }} {{ [] }} {{ {} }}", "['a\\n\\'\"\\\\é\\x07\\u2028'] [] {}")]
    [InlineData("{{ 1e3 is defined }}", null)]
    [InlineData("{{ 10 / 4 }} {{ 6 / 2 }} {{ 1000.0 * 1 }} {{ 0.00001 * 1 }}", "2.5 3.0 1000.0 1e-05")]
    [InlineData("{{ '😀ab'|length }} {{ '😀ab'[0] }}{{ '😀ab'[-1] }} {{ '😀ab'[::-1] }} {{ 'x😀ab'[1:3] }} {{ '😀ab'.find('b') }} {{ 'ab'.find('c') }}", "3 😀b ba😀 😀a 2 -1")]
    [InlineData("{{ '\\x41\\u00e9\\U0001F600' }}", "Aé😀")]
    [InlineData("{{ 'abcdef'[5::9223372036854775807] }}{{ [1, 2, 3][::-9007199254740991] }}", "f[3]")]
    [InlineData("{{ {'a': 1, 'a': 2}.a }}{{ {':': 3}[':'] }}", "23")]
    [InlineData("{{ 'user' in ('user', 'tool') }} {{ 1 in (1,) }} {{ 1 in () }}", "True True False")]
    [InlineData("{{ 'xax'|trim('x') }} {{ ' 12 '|int }} {{ '3.7'|int }} {{ 'x'|int(5) }} {{ ''|default('d', boolean=true) }}", "a 12 3 5 d")]
    [InlineData("{{ [{'r': 'u'}, {'r': 'a'}, {}] | selectattr('r', 'equalto', 'u') | list }} {{ [{'r': 1}, {'r': 0}, {}] | rejectattr('r') | list }}", "[{'r': 'u'}] [{'r': 0}, {}]")]
    [InlineData("{{ [{'r': none}, {}] | selectattr('r', 'defined') | list }} {{ [{'r': 'b'}] | selectattr('r', 'in', ['a', 'b']) | list | length }}", "[{'r': None}] 1")]
    [InlineData("{% for x in [1] %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}", "10")]
    public void More_is_as_in_Python(string template, string? expected)
    {
        if (expected is null)
        {
            Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template).Render([]));
        }
        else
        {
            Assert.Equal(expected, ChatTemplate.Parse(template, "<s>").Render([]));
        }
    }

    [Fact]
    public void Many_branches_are_a_list_and_not_a_depth() => Assert.Equal(
        "yes", ChatTemplate.Parse("{% if false %}" + string.Concat(Enumerable.Repeat("{% elif false %}", 60_000)) + "{% else %}yes{% endif %}").Render([]));

    [Fact]
    public void Long_texts_are_no_hostility()
    {
        string content = string.Concat(Enumerable.Repeat("生命的意义是什么? 42 ", 50_000));
        const string template = "{% for m in messages %}{% if m.content is string and not m.content.startswith('x') %}{{ '<' + m.role + '>' + m.content|trim + m.content.split('</think>')[-1].lstrip('\n')[:3] }}{% endif %}{% endfor %}";
        string text = ChatTemplate.Parse(template).Render(Enumerable.Range(0, 4).Select(_ => new ChatMessage(ChatRole.User, content)));
        Assert.InRange(text.Length, 4 * (content.Length - 1), 4 * (content.Length + 20));
    }

    [Theory]
    [InlineData("{{ 'a'", " + 'a'", " }}")]
    [InlineData("{{ a", ".b", " }}")]
    [InlineData("{{ 'a'", "|trim", " }}")]
    [InlineData("{{ 'a'", "[0]", " }}")]
    [InlineData("{{ 'a'", " is string", " }}")]
    [InlineData("{{ 1", " * 1", " }}")]
    [InlineData("{{ 1", " ~ 1", " }}")]
    [InlineData("{{ 1", " == 1", " }}")]
    [InlineData("{{ 1", " and 1", " }}")]
    [InlineData("{{ 1", " or 1", " }}")]
    [InlineData("{{ 1", " if 1", " }}")]
    [InlineData("{{ [", "1,", "] }}")]
    public void A_chain_without_end_is_refused(string begin, string link, string end) => Assert.Contains(
        "longer than",
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(begin + string.Concat(Enumerable.Repeat(link, 100_000)) + end).Render([])).Message);

    [Theory]
    [InlineData("{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}")]
    [InlineData("{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}")]
    [InlineData("{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x in [ns.y] }}")]
    [InlineData("{% set ns.me = ns %}{{ ns }}")]
    [InlineData("{% set ns.me = ns %}{{ ns|tojson(indent=2) }}")]
    [InlineData("{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}")]
    [InlineData("{% for i in range(9) %}{% set ns.s = ns.s|replace('a', ns.s) %}{% endfor %}")]
    [InlineData("{% for i in range(9) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}")]
    [InlineData("{% for i in range(9) %}{% set ns.s = range(10000)|join(ns.s) %}{% endfor %}")]
    [InlineData("{% for i in range(20) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{% for i in range(90000) %}{% set y = ns.s[::-1] %}{% endfor %}")]
    [InlineData("{% for i in range(20) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{% for i in range(90000) %}{% set y = ns.s.upper() %}{% endfor %}")]
    [InlineData("{% for i in range(20) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{% for i in range(90000) %}{% set y = ns.s.split('a') %}{% endfor %}")]
    [InlineData("{% for i in range(20) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{% for i in range(90000) %}{% set y = ns.s == ns.s + 'b' %}{% endfor %}")]
    [InlineData("{% for i in range(20) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{% for i in range(90000) %}{% set y = (ns.s + 'b' + ns.s) in ns.s %}{% endfor %}")]
    public void What_grows_or_nests_without_end_is_refused(string template) => Assert.Throws<ChatTemplateException>(
        () => ChatTemplate.Parse("{% set ns = namespace(x=[], y=[], s='aaaaaaaaaa') %}" + template).Render([]));

    [Fact]
    public void A_hostile_template_ends()
    {
        string nested = string.Concat(Enumerable.Repeat("{% for i in range(1000) %}", 6)) + "x" + string.Concat(Enumerable.Repeat("{% endfor %}", 6));
        string doubling = "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(90) %}{% set ns.s = ns.s + ns.s %}{% endfor %}";
        foreach (string template in new[] { nested, doubling, "{{ range(999999999) }}", "{{ " + new string('(', 100_000), "{{ " + string.Concat(Enumerable.Repeat("not ", 100_000)) + "1 }}", "{{ " + string.Concat(Enumerable.Repeat("-", 100_000)) + "1 }}", string.Concat(Enumerable.Repeat("{% if true %}", 50_000)), new string('a', 2 << 20) })
        {
            Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template).Render([]));
        }
    }
}
