using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests.Security;

/// <summary>What a model with labels of its own gives on a partition that it shares with whoever publishes there.</summary>
internal sealed class Victim
{
    private const int Count = 8_000;
    private const long Between = 100_000;
    private const string Name = "credit";

    public Victim(int seed, bool forged)
    {
        var options = new MonitoringOptions { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };
        var (detect, decide, output) = (new DetectStage(options), new DecideStage(options), new List<OutputRecord>());
        detect.Assign(Events.Topic, 0, Guid.Empty);
        detect.Pair(Events.Topic, 0, "labels", Guid.Empty, default);
        decide.Assign("panes", 0, Guid.Empty);
        var random = new SplitMix(seed);
        var records = Events.Credit(Count, seed, static i => i < Count / 2 ? 0.1 : 0.4);
        for (var i = 0; i < Count; i++)
        {
            // the model's own records have every third offset, whoever else is there
            var (at, time, text) = (i * 3L, Events.Start + i, Encoding.UTF8.GetString(records[i].Value!));
            var label = text[^2];
            Take(detect, Events.Topic, at, time, records[i].Key, text[..text.LastIndexOf(",\"label\"", StringComparison.Ordinal)] + "}", output);
            if (new SplitMix((seed * Count) + i).Next() < 0.6)
            {
                // honest neighbours have the same places, so that offsets agree
                var (otherEvent, otherLabel) = forged ? (ForgedEvent(random, i), ForgedLabel(random, i)) : Neighbour(i);
                Take(detect, Events.Topic, at + 1, time, records[i].Key, otherEvent, output);
                Take(detect, "labels", at + 1, time, null, otherLabel, output);
            }

            Take(detect, "labels", at, time, records[i].Key, $$"""{"id":"e{{i}}","label":{{label}}}""", output);
        }

        detect.Flush(Events.Topic, 0, output, FlushReason.End);
        detect.Save(Events.Topic, 0, SaveScope.Everything, output);
        var offset = 0L;
        foreach (var pane in output.Where(static record => record.Topic == OutputTopic.Panes).ToList())
        {
            // its own panes have the same places too
            offset = IsOwn(pane) ? (offset / Between * Between) + Between : offset + 1;
            decide.Process("panes", 0, [new LogRecord(offset, Events.Start + (offset / Between), pane.Key, pane.Value)], output);
        }

        Outputs = [.. output.Where(IsOwn).Select(StateStore.Line)];
    }

    /// <summary>Everything that is written of the model, and its memory.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Records of others.</summary>
    public int Forged { get; private set; }

    private static void Take(DetectStage stage, string topic, long offset, long time, byte[]? key, string json, List<OutputRecord> output) =>
        stage.Process(topic, 0, [new LogRecord(offset, time, key, Encoding.UTF8.GetBytes(json))], output);

    private static bool IsOwn(OutputRecord record) => record.Topic switch
    {
        OutputTopic.DeadLetters => false,
        OutputTopic.State => StateKey.Decode(record.Key) is { Kind: StateKind.Monitor or StateKind.Cursor, Model: Name },
        _ => Encoding.UTF8.GetString(record.Key!) == Name,
    };

    /// <summary>An event of another model: the same id, another time, names that are nearly the model's.</summary>
    private string ForgedEvent(SplitMix random, int i)
    {
        Forged++;
        string[] models = ["evil", "Credit", "credit ", "credit\\u0000", "credit\\u00001", "", "cre\\u0064it2"];
        string[] times = ["\"2999-01-01T00:00:00Z\"", "0", "-8000000000000", $"{Events.Start + i + 3_599_000}", "\"x\""];
        return $$$"""{"id":"e{{{i - (int)(random.Next() * 20)}}}","model":"{{{models[(int)(random.Next() * models.Length)]}}}","version":"1","time":{{{times[(int)(random.Next() * times.Length)]}}},"features":{"income":{{{random.Next() * 1e6:0}}},"amount":"x"},"prediction":0.9,"label":1}""";
    }

    /// <summary>A label for an id that is not the model's, or that cannot be used.</summary>
    private static string ForgedLabel(SplitMix random, int i)
    {
        var id = random.Next() < 0.5 ? $"x{i}" : $"E{i}";
        return random.Next() < 0.2 ? "{\"id\":\"e1\",\"label\":[]}" : $$"""{"id":"{{id}}","label":0}""";
    }

    private static (string Event, string Label) Neighbour(int i)
    {
        return ($$$"""{"id":"n{{{i}}}","model":"neighbour","version":"1","features":{"income":1},"prediction":0.9}""", $$"""{"id":"n{{i}}","label":1}""");
    }
}
