using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Importer.Training.Events;

/// <summary>Lines of metrics as JSON. Numbers are written so that they are read back to the bit; NaN and infinities are strings.</summary>
internal static class MetricsJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The line, with its end.</summary>
    public static byte[] ToUtf8(MetricsEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("kind", Kind(entry));
            switch (entry)
            {
                case RunMetrics run:
                    json.WriteString("event", run.Event);
                    json.WriteNumber("step", run.Step);
                    json.WriteNumber("total_steps", run.TotalSteps);
                    if (run.WeightsFound is { } found)
                    {
                        json.WriteBoolean("weights_found", found);
                    }

                    if (run.Reason is not null)
                    {
                        json.WriteString("reason", run.Reason);
                    }

                    break;
                case StepMetrics step:
                    json.WriteNumber("step", step.Step);
                    Write(json, "loss", step.Loss);
                    Write(json, "lr", step.LearningRate);
                    Write(json, "grad_norm", step.GradientNorm);
                    Write(json, "epoch", step.Epoch);
                    json.WriteNumber("tokens", step.Tokens);
                    break;
                case EvaluationMetrics evaluation:
                    json.WriteNumber("step", evaluation.Step);
                    json.WriteStartObject("losses");
                    foreach (var (name, loss) in evaluation.Losses)
                    {
                        Write(json, name, loss);
                    }

                    json.WriteEndObject();
                    json.WriteBoolean("best", evaluation.IsBest);
                    break;
                case SaveMetrics save:
                    json.WriteNumber("step", save.Step);
                    json.WriteString("id", save.Id);
                    if (save.Bytes is { } bytes)
                    {
                        json.WriteNumber("bytes", bytes);
                    }

                    break;
            }

            WriteTiming(json, entry.Timing);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a line.</summary>
    /// <returns>Null for a kind that this version does not know.</returns>
    /// <exception cref="FormatException">It is no line of metrics; the message says why.</exception>
    public static MetricsEntry? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var json = new MetricsFields(document.RootElement);
            string kind = json.Text("kind");
            return kind switch
            {
                "step" => new StepMetrics(
                    json.Count("step"), json.Number("loss"), json.Number("lr"), json.Number("grad_norm"), json.Number("epoch"), json.Count("tokens"), json.Timing()),
                "eval" => new EvaluationMetrics(json.Count("step"), json.Losses(), json.Truth("best"), json.Timing()),
                "save" => new SaveMetrics(json.Count("step"), json.Text("id"), json.Has("bytes") ? json.Count("bytes") : null, json.Timing()),
                "run" => new RunMetrics(
                    json.Count("step"), json.Text("event"), json.Count("total_steps"), json.Has("reason") ? json.Text("reason") : null, json.Timing()),
                _ => null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for half of a surrogate pair
        {
            throw new FormatException($"it is not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static string Kind(MetricsEntry entry) => entry switch
    {
        StepMetrics => "step",
        EvaluationMetrics => "eval",
        SaveMetrics => "save",
        _ => "run",
    };

    private static void WriteTiming(Utf8JsonWriter json, MetricsTiming timing)
    {
        json.WriteStartObject("timing");
        json.WriteString("at", timing.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        Write(json, "elapsed", Math.Round(timing.Elapsed, 3));
        if (timing.Seconds is { } seconds)
        {
            Write(json, "seconds", Math.Round(seconds, 6));
        }

        if (timing.TokensPerSecond is { } rate)
        {
            Write(json, "tokens_per_second", Math.Round(rate, 1));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
        }
    }
}
