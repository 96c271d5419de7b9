using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>A mixed log whose labels were taken out of the events and lie in a log of their own: late, shuffled, doubled, corrected, orphaned.</summary>
internal static class LabelledLog
{
    /// <summary>The two logs.</summary>
    /// <param name="count">Events.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="longestDelay">Longest delay of a label, milliseconds.</param>
    public static (LogRecord[] Predictions, LogRecord[] Labels) Of(int count, int seed, int longestDelay)
    {
        var random = new SplitMix(seed + 10_000);
        var (predictions, labels) = (new List<LogRecord>(), new List<(long At, string Value)>());
        foreach (var record in MixedLog.Of(count, seed))
        {
            var text = record.Value is null ? null : Encoding.UTF8.GetString(record.Value);
            var at = text?.IndexOf(",\"label\":", StringComparison.Ordinal) ?? -1;
            if (at < 0 || random.Next() < 0.05)
            {
                predictions.Add(WithId(record, random.Next() < 0.9 ? record.Offset : null));
                continue;
            }

            // the label is the last field but one at most: latency and time may follow it
            var end = text!.IndexOfAny([',', '}'], at + 9);
            var label = text[(at + 9)..end];
            predictions.Add(WithId(record with { Value = Encoding.UTF8.GetBytes(text.Remove(at, end - at)) }, record.Offset));
            Add(labels, random, record, label, longestDelay);
        }

        var ordered = labels.OrderBy(static label => label.At).ToArray();
        return ([.. predictions], [.. ordered.Select((label, i) => new LogRecord(7 + (i * 2) + (i % 3 == 0 ? 1 : 0), label.At, null, Encoding.UTF8.GetBytes(label.Value)))]);
    }

    private static void Add(List<(long At, string Value)> labels, SplitMix random, LogRecord record, string label, int longestDelay)
    {
        var at = record.Timestamp + (long)(random.Next() * random.Next() * longestDelay) - (random.Next() < 0.05 ? 40 : 0);
        var id = random.Next() < 0.01 ? "nobody" + record.Offset : "e" + record.Offset;
        if (random.Next() < 0.02)
        {
            labels.Add((at, "{\"id\":" + (random.Next() < 0.5 ? "7}" : "\"x\",\"label\":{}}")));
        }

        labels.Add((at, Text(id, label, at)));
        if (random.Next() < 0.05)
        {
            labels.Add((at + (long)(random.Next() * 200), Text(id, label, at)));
        }

        if (random.Next() < 0.03)
        {
            labels.Add((at + (long)(random.Next() * 200), Text(id, random.Next() < 0.2 ? "\"b\"" : "0", at + 1)));
        }
    }

    private static string Text(string id, string label, long time) => $"{{\"id\":\"{id}\",\"label\":{label},\"time\":{time}}}";

    private static LogRecord WithId(LogRecord record, long? id) => record.Value is not { Length: > 0 } value || value[0] != '{' || id is null
        ? record : record with { Value = [.. Encoding.UTF8.GetBytes($"{{\"id\":\"e{id}\","), .. value.AsSpan(1)] };
}
