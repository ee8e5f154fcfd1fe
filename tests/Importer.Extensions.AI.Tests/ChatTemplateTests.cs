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
