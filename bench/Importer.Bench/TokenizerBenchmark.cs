using System.Diagnostics;
using System.Globalization;
using System.Text;
using PretrainedTokenizers;
using Tests.Shared;

namespace Importer.Bench;

/// <summary>GPT-2's tokenizer on real English and Chinese, by processor time, beside the npm package gpt-tokenizer where node has it.</summary>
internal static class TokenizerBenchmark
{
    private const int Rounds = 5;

    public static void Run(Verdicts verdicts)
    {
        string gpt2 = Repository.Fixture("tokenizer-gpt2");
        double load = Statistics.Median(Enumerable.Range(0, Rounds).Select(_ => Statistics.ProcessorSeconds(() => BpeTokenizer.FromDirectory(gpt2))));
        Verdicts.Note($"gpt2's vocab.json and merges.txt loaded in {load * 1000:0} ms");
        foreach (var (language, text) in new[] { ("English", BenchTexts.English()), ("Chinese", BenchTexts.Chinese()) })
        {
            if (text is null)
            {
                Verdicts.Note($"no {language} text on this machine: name a file by BENCH_{language.ToUpperInvariant()}");
                continue;
            }

            double megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
            double rate = megabytes / Seconds(gpt2, text, out int[] ids);
            verdicts.AtLeast($"tokenizer, gpt2, {language}, {megabytes:0.0} MB, MB/s on one core", rate, 10);
            double decoding = megabytes / DecodeSeconds(gpt2, ids);
            double streamed = Streamed(gpt2, text, ids);
            Verdicts.Note($"   {megabytes * 1e6 / ids.Length:0.00} bytes a token; decoding {decoding:0.0} MB/s; {streamed:0.0} MB/s from a stream");
            Verdicts.Note($"   minimind's vocabulary: {megabytes / Seconds(Repository.Fixture("tokenizer-minimind"), text, out _):0.0} MB/s");
            Peer(verdicts, language, text, ids, rate, megabytes);
        }

        string run = new('a', 10_000_000);
        Verdicts.Note($"10 MB of one letter: {10 / Seconds(gpt2, run, out _, rounds: 1):0.0} MB/s, without a space to cut at");
    }

    // A tokenizer of its own for each round, so that its cache has seen nothing. Code is compiled in steps: two seconds before the first round.
    private static double Seconds(string directory, string text, out int[] ids, int rounds = Rounds)
    {
        int[] result = [];
        double[] seconds = new double[rounds];
        double warm = rounds == 1 ? 0 : 2;
        for (int round = 0; round < rounds;)
        {
            BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(directory);
            double time = Statistics.ProcessorSeconds(() => result = tokenizer.Encode(text, EncodeOptions.Ordinary));
            if (warm > 0)
            {
                warm -= time;
            }
            else
            {
                seconds[round++] = time;
            }
        }

        ids = result;
        return Statistics.Median(seconds);
    }

    private static double DecodeSeconds(string directory, int[] ids)
    {
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(directory);
        return Statistics.Median(Enumerable.Range(0, Rounds).Select(_ => Statistics.ProcessorSeconds(() => tokenizer.Decode(ids))));
    }

    private static double Streamed(string directory, string text, int[] expected)
    {
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(directory);
        List<int> ids = new(expected.Length);
        double seconds = Statistics.ProcessorSeconds(() =>
        {
            foreach (TokenBlock block in tokenizer.EncodeBlocks(new StringReader(text), EncodeOptions.Ordinary))
            {
                ids.AddRange(block.Ids.Span);
            }
        });
        if (!ids.SequenceEqual(expected))
        {
            throw new InvalidOperationException("The stream's ids are not those of the whole text.");
        }

        return Encoding.UTF8.GetByteCount(text) / 1e6 / seconds;
    }

    private static void Peer(Verdicts verdicts, string language, string text, int[] ids, double rate, double megabytes)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            string script = Path.Combine(AppContext.BaseDirectory, "peers", "gpt_tokenizer.cjs");
            ProcessStartInfo start = new("node", [script, file, Rounds.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process node = Process.Start(start)!;
            _ = node.StandardError.ReadToEndAsync();
            string output = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            if (node.ExitCode != 0)
            {
                Verdicts.Note($"   gpt-tokenizer is not there: npm install gpt-tokenizer, and name its node_modules by NODE_PATH");
                return;
            }

            string[] words = output.Split(' ', StringSplitOptions.TrimEntries);
            double peer = megabytes / double.Parse(words[0], CultureInfo.InvariantCulture);
            bool same = words[1] == ids.Length.ToString(CultureInfo.InvariantCulture) && words[2] == Checksum(ids);
            Verdicts.Note($"   gpt-tokenizer {words[3]}: {peer:0.0} MB/s, {(same ? "the same ids" : $"OTHER IDS ({words[1]} of them, ours {ids.Length})")}");
            verdicts.AtLeast($"tokenizer, {language}, times gpt-tokenizer", rate / peer, 1);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Verdicts.Note($"   node is not there: nothing to compare with");
        }
        finally
        {
            File.Delete(file);
        }
    }

    // What the peer computes over its ids.
    private static string Checksum(int[] ids)
    {
        uint sum = 0;
        foreach (int id in ids)
        {
            sum = unchecked(sum * 31 + (uint)id);
        }

        return sum.ToString(CultureInfo.InvariantCulture);
    }
}
