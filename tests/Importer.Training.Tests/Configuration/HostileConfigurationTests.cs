using System.Text;
using Importer.Training.Data;
using Tests.Shared;

namespace Importer.Training.Tests.Configuration;

/// <summary>Damaged files: whatever comes, it is the family's own exception or a valid result.</summary>
public sealed class HostileConfigurationTests : IDisposable
{
    private const string Python = "# c\nimport time\nout_dir = 'a'\nseed = 5 * 8\nlearning_rate = 1e-3\nwandb_run_name = 'x' + str(1)\nbias = True\n";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a.json")]
    [InlineData("a.py")]
    public void A_damaged_configuration_is_refused_or_read(string name)
    {
        byte[] good = name == "a.py" ? Encoding.UTF8.GetBytes(Python) : ReadyConfigurations.Find("train-shakespeare-char")!;
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            File.WriteAllBytes(_directory[name], Damage(good, random));
            try
            {
                TrainingConfiguration.Parse([_directory[name]], []);
            }
            catch (TrainingConfigurationException e)
            {
                Assert.NotEmpty(e.Problems);
                Assert.DoesNotContain('\u001b', e.Message);
            }
        }
    }

    [Fact]
    public async Task A_damaged_description_of_data_is_refused_or_read()
    {
        File.WriteAllText(_directory["text.txt"], "abc defgh\nabc");
        string path = Path.Combine((await DatasetPreparer.PrepareAsync(_directory["text.txt"], _directory["out"])).Directory, "meta.json");
        byte[] good = File.ReadAllBytes(path);
        var random = new Random(2);
        for (int i = 0; i < 500; i++)
        {
            File.WriteAllBytes(path, Damage(good, random));
            try
            {
                using var data = TokenDataset.Open(_directory["out"]);
                data.ComputeFingerprint();
            }
            catch (DatasetFormatException e)
            {
                Assert.NotEmpty(e.Problems);
            }
        }
    }

    [Fact]
    public void Arguments_of_any_kind_are_refused_or_read()
    {
        string[] pieces = ["--", "-", "seed", "=", "True", "--no-bias", "--eval-only", "1e-3", "\0", "\ud800", "", "max_iters", "_", "resume_from_checkpoint", "eval-gpt2", "'", "\""];
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            string[] args = [.. Enumerable.Range(0, random.Next(6)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => pieces[random.Next(pieces.Length)])))];
            try
            {
                TrainingConfiguration.Parse([], args);
            }
            catch (TrainingConfigurationException e)
            {
                Assert.NotEmpty(e.Problems);
            }
        }
    }

    private static byte[] Damage(byte[] good, Random random)
    {
        List<byte> bytes = [.. good];
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, random.Next(20))));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(Math.Min(40, bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
