using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace CheckpointStorage.Tests.Catalog;

public sealed class ManifestTests
{
    private static readonly string Good = Encoding.UTF8.GetString(ManifestWriter.Write(new Manifest
    {
        Step = 5,
        SavedAt = new DateTimeOffset(2026, 11, 21, 6, 14, 32, TimeSpan.Zero).AddTicks(1234567),
        Epoch = 0.1,
        Metric = 3.25,
        ParentId = "step-before",
        Configuration = new Dictionary<string, string> { ["n_layer"] = "12", ["ünïcode \"quoted\""] = "\u001b" },
        Files = [new CheckpointFileInfo("a", 1, new string('a', 64), new string('b', 32))],
    }));

    [Fact]
    public void A_manifest_is_read_back_as_it_was_written()
    {
        Manifest manifest = Read(Good);
        Assert.Equal(Good, Encoding.UTF8.GetString(ManifestWriter.Write(manifest)));
        Assert.Equal((5L, 0.1, 3.25, "step-before"), (manifest.Step, manifest.Epoch!.Value, manifest.Metric!.Value, manifest.ParentId));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    [InlineData(-0.0)]
    public void Every_metric_is_read_back_bit_for_bit(double metric)
    {
        Manifest manifest = Read(Encoding.UTF8.GetString(ManifestWriter.Write(Read(Good) with { Metric = metric })));
        Assert.Equal(BitConverter.DoubleToInt64Bits(metric), BitConverter.DoubleToInt64Bits(manifest.Metric!.Value));
    }

    [Theory]
    [InlineData("format", "\"other\"")]
    [InlineData("format", null)]
    [InlineData("format_version", "0")]
    [InlineData("format_version", "1.5")]
    [InlineData("step", "-1")]
    [InlineData("step", "\"5\"")]
    [InlineData("step", "99999999999999999999")]
    [InlineData("saved_at", "\"yesterday\"")]
    [InlineData("epoch", "\"one\"")]
    [InlineData("epoch", null)]
    [InlineData("metric", "[]")]
    [InlineData("parent", "7")]
    [InlineData("configuration", "[]")]
    [InlineData("configuration", "{\"n_layer\":\"13\"}")]
    [InlineData("configuration", "{\"n_layer\":12}")]
    [InlineData("metadata", "[]")]
    [InlineData("metadata", "{\"\\ud800\":1}")]
    [InlineData("files", "[]")]
    [InlineData("files", "{}")]
    [InlineData("files", "[1]")]
    [InlineData("files", "[{\"name\":\"../a\",\"size\":1,\"sha256\":\"S\",\"md5\":\"M\"}]")]
    [InlineData("files", "[{\"name\":\"/etc/passwd\",\"size\":1,\"sha256\":\"S\",\"md5\":\"M\"}]")]
    [InlineData("files", "[{\"name\":\"..\",\"size\":1,\"sha256\":\"S\",\"md5\":\"M\"}]")]
    [InlineData("files", "[{\"name\":\"manifest.json\",\"size\":1,\"sha256\":\"S\",\"md5\":\"M\"}]")]
    [InlineData("files", "[{\"name\":\"a\",\"size\":-1,\"sha256\":\"S\",\"md5\":\"M\"}]")]
    [InlineData("files", "[{\"name\":\"a\",\"size\":1,\"sha256\":\"short\",\"md5\":\"M\"}]")]
    [InlineData("files", "[{\"name\":\"a\",\"size\":1,\"sha256\":\"S\"}]")]
    [InlineData("files", "[{\"name\":\"a\",\"size\":1,\"sha256\":\"S\",\"md5\":\"M\"},{\"name\":\"A\",\"size\":1,\"sha256\":\"S\",\"md5\":\"M\"}]")]
    public void What_is_no_manifest_is_refused(string field, string? value)
    {
        JsonObject json = JsonNode.Parse(Good)!.AsObject();
        json.Remove(field);
        string text = json.ToJsonString();
        if (value is not null)
        {
            value = value.Replace("\"S\"", $"\"{new string('a', 64)}\"", StringComparison.Ordinal).Replace("\"M\"", $"\"{new string('b', 32)}\"", StringComparison.Ordinal);
            text = $"{text[..^1]},\"{field}\":{value}}}";
        }

        Assert.Throws<FormatException>(() => Read(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"checkpoint-store\",\"format\":\"checkpoint-store\"}")]
    public void What_is_no_object_is_refused(string text) => Assert.Throws<FormatException>(() => Read(text));

    [Fact]
    public void A_manifest_as_deep_as_a_well_is_refused() =>
        Assert.Throws<FormatException>(() => Read(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))));

    [Fact]
    public void A_later_version_is_no_damage() =>
        Assert.Throws<NotSupportedException>(() => Read(Good.Replace("\"format_version\": 1", "\"format_version\": 2", StringComparison.Ordinal)));

    [Fact]
    public void Any_change_of_a_byte_is_refused_or_read_and_never_anything_else()
    {
        byte[] good = Encoding.UTF8.GetBytes(Good);
        Prop.ForAll(
            Arb.From(Gen.Choose(0, good.Length - 1)),
            Arb.From(Gen.Choose(0, 255)),
            (position, value) =>
            {
                byte[] bytes = [.. good];
                bytes[position] = (byte)value;
                try
                {
                    return ManifestReader.Read(bytes).Files.All(file => Manifest.IsFileName(file.Name));
                }
                catch (Exception e) when (e is FormatException or NotSupportedException)
                {
                    return true;
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static Manifest Read(string text) => ManifestReader.Read(Encoding.UTF8.GetBytes(text));
}
