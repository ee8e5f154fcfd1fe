using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests.Generation;

/// <summary>tiny-gpt2 with a vocabulary of 211 characters, in a directory of a test's own.</summary>
internal sealed class CharacterModel : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public CharacterModel()
    {
        Path = _directory.CopyFixture("tiny-gpt2");
        string[] characters = ["\n", .. Enumerable.Range(33, 210).Select(i => $"{(char)(i < 127 ? i - 1 : i + 33)}")];
        File.WriteAllText(System.IO.Path.Combine(Path, "meta.json"), JsonSerializer.Serialize(new
        {
            vocab_size = characters.Length,
            stoi = characters.Index().ToDictionary(pair => pair.Item, pair => pair.Index),
            itos = characters.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item),
        }));
    }

    public string Path { get; }

    public string File_(string name, string text)
    {
        string path = _directory[name];
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _directory.Dispose();
}
