using System.Text.Json.Nodes;
using Importer.Conversion;
using Tests.Shared;

namespace Importer.Tests.Conversion;

public sealed class ManifestReaderTests
{
    private static readonly string Hash = new('a', 64);

    [Fact]
    public void A_whole_one_is_read()
    {
        var reading = Read(Valid());
        Assert.Equal((ManifestState.Valid, ""), (reading.State, reading.Problem));
        Assert.Equal(2, reading.Manifest!.Files.Count);
    }

    [Theory]
    [InlineData("no files", "model.safetensors")]
    [InlineData("no config", "config.json")]
    [InlineData("null file", "plain name")]
    [InlineData("null source file", "plain name")]
    [InlineData("file twice", "twice")]
    [InlineData("source file twice", "twice")]
    [InlineData("size 2^63", "valid JSON")]
    [InlineData("size 2^63-1", "size")]
    [InlineData("negative size", "size")]
    [InlineData("short hash", "SHA-256")]
    [InlineData("upper-case hash", "SHA-256")]
    [InlineData("path", "plain name")]
    [InlineData("dots", "plain name")]
    [InlineData("no name", "plain name")]
    [InlineData("no source", "valid JSON")]
    [InlineData("null source", "valid JSON")]
    [InlineData("files are an object", "valid JSON")]
    [InlineData("another format", "no import manifest")]
    [InlineData("format is a number", "no import manifest")]
    [InlineData("half a surrogate", "valid JSON")]
    public void A_contradictory_one_is_damaged(string damage, string mention)
    {
        var json = Valid();
        var files = json["files"]!.AsArray();
        var sources = json["source"]!["files"]!.AsArray();
        switch (damage)
        {
            case "no files": files.Clear(); break;
            case "no config": files.RemoveAt(1); break;
            case "null file": files.Add(null); break;
            case "null source file": sources.Add(null); break;
            case "file twice": files.Add(files[0]!.DeepClone()); break;
            case "source file twice": sources.Add(sources[0]!.DeepClone()); break;
            case "size 2^63": files[0]!["size"] = JsonNode.Parse("9223372036854775808"); break;
            case "size 2^63-1": files[0]!["size"] = long.MaxValue; break;
            case "negative size": sources[0]!["size"] = -1; break;
            case "short hash": files[0]!["sha256"] = "abc"; break;
            case "upper-case hash": files[0]!["sha256"] = new string('A', 64); break;
            case "path": files[0]!["name"] = "../../etc/passwd"; break;
            case "dots": files[0]!["name"] = ".."; break;
            case "no name": sources[0]!["name"] = ""; break;
            case "no source": json.Remove("source"); break;
            case "null source": json["source"] = null; break;
            case "files are an object": json["files"] = new JsonObject(); break;
            case "another format": json["format"] = "package/2"; break;
            case "format is a number": json["format"] = 1; break;
            case "half a surrogate": json["tool"] = "REPLACE"; break;
        }

        var reading = ManifestReader.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString().Replace("REPLACE", "\\ud800", StringComparison.Ordinal)));

        Assert.Equal((ManifestState.Damaged, null), (reading.State, reading.Manifest));
        Assert.Contains(mention, reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_manifest_are_damaged_and_nothing_is_missing()
    {
        foreach (byte[] bytes in new byte[][] { [], "{"u8.ToArray(), "[]"u8.ToArray(), "null"u8.ToArray(), "<html>"u8.ToArray(), new byte[100], "{\"format\":\"import-manifest/1\",\"format\":\"x\"}"u8.ToArray() })
        {
            Assert.Equal(ManifestState.Damaged, ManifestReader.Parse(bytes).State);
        }

        using var directory = new TemporaryDirectory();
        Assert.Equal(ManifestState.Missing, ManifestReader.Read(directory["manifest.json"]).State);
        Assert.Equal(ManifestState.Damaged, ManifestReader.Read(directory.Path).State);
        Assert.Null(ImportManifest.TryRead(directory["manifest.json"]));
    }

    [Theory]
    [InlineData("import-manifest/2", nameof(ManifestState.Newer))]
    [InlineData("import-manifest/10", nameof(ManifestState.Newer))]
    [InlineData("import-manifest/0", nameof(ManifestState.Damaged))]
    [InlineData("import-manifest/x", nameof(ManifestState.Damaged))]
    public void A_newer_format_is_known_as_one(string format, string state)
    {
        var json = Valid();
        json["format"] = format;
        json.Remove("files");
        Assert.Equal(state, Read(json).State.ToString());
    }

    private static ManifestReading Read(JsonObject json) => ManifestReader.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static JsonObject Valid() => JsonNode.Parse($$"""
        {
          "format": "import-manifest/1",
          "tool": "import-weights 0.1.0",
          "source": { "id": "/models/x", "revision": null, "files": [{ "name": "model.safetensors", "size": 5, "sha256": "{{Hash}}" }] },
          "mapping": { "family": "gpt2", "version": "1", "prefix": "" },
          "dtype": "F32",
          "tensors": 1,
          "files": [
            { "name": "model.safetensors", "size": 5, "sha256": "{{Hash}}" },
            { "name": "config.json", "size": 2, "sha256": "{{Hash}}" }
          ]
        }
        """)!.AsObject();
}
