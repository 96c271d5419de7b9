using System.Globalization;
using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>Prediction events for tests: the same bits for the same seed, for ever.</summary>
internal static class Events
{
    public const string Topic = "predictions";

    /// <summary>A 2026 day, milliseconds since 1970.</summary>
    public const long Start = 1_795_305_600_000;

    /// <summary>Events of one model, one a millisecond, with the error rate that <paramref name="errorRate"/> gives for each.</summary>
    public static LogRecord[] Credit(int count, int seed, Func<int, double> errorRate, Func<int, double>? shift = null, long stepMilliseconds = 1)
    {
        var random = new SplitMix(seed);
        var records = new LogRecord[count];
        for (var i = 0; i < count; i++)
        {
            var income = random.Next() + (shift?.Invoke(i) ?? 0);
            var amount = random.Next();
            var purpose = random.Next() switch { < 0.5 => "car", < 0.8 => "home", _ => "study" };
            var score = random.Next();
            var truth = score >= 0.5 ? 1 : 0;
            var label = random.Next() < errorRate(i) ? 1 - truth : truth;
            var json = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"e{{{i}}}","model":"credit","version":"1","time":{{{Start + (i * stepMilliseconds)}}},"features":{"income":{{{income:0.#####}}},"amount":{{{amount:0.#####}}},"purpose":"{{{purpose}}}"},"prediction":{{{score:0.#####}}},"label":{{{label}}}}""");
            records[i] = new LogRecord(i, Start + (i * stepMilliseconds), Encoding.UTF8.GetBytes("e" + i), Encoding.UTF8.GetBytes(json));
        }

        return records;
    }

    public static LogRecord Record(long offset, string? json, long? timestamp = null, string? key = "k") =>
        new(offset, timestamp ?? (Start + offset), key is null ? null : Encoding.UTF8.GetBytes(key), json is null ? null : Encoding.UTF8.GetBytes(json));

    /// <summary>Runs records of one partition through DETECT, in batches of the given size.</summary>
    public static List<OutputRecord> Detect(MonitoringOptions options, LogRecord[] records, int batch, int partition = 0)
    {
        var (stage, output) = (new DetectStage(options), new List<OutputRecord>());
        stage.Assign(Topic, partition, Guid.Empty);
        for (var i = 0; i < records.Length; i += batch)
        {
            stage.Process(Topic, partition, records.AsSpan(i, Math.Min(batch, records.Length - i)), output);
        }

        stage.Flush(Topic, partition, output, FlushReason.End);
        return output;
    }

    public static List<Pane> Panes(this IEnumerable<OutputRecord> output) =>
        [.. output.Where(record => record.Topic == OutputTopic.Panes).Select(record => PaneCodec.Decode(record.Value))];
}
