using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Streaming.Host;

/// <summary>What came of a demo, against the truth that only the demo knows.</summary>
internal sealed class DemoVerdict(Scenario scenario, DemoOutcome outcome)
{
    private const int TruthWidth = 13;

    private readonly long _changeTime = EventGenerator.Start + (long)(scenario.FirstChanged * (scenario.Milliseconds / scenario.Events));

    /// <summary>Why the scenario's promise was not kept; null where it was.</summary>
    public string? Broken
    {
        get
        {
            if (scenario.Kind != ScenarioKind.Credit)
            {
                return outcome.Triggers.Count == 0 ? null : $"nothing changed, and yet there were triggers: {outcome.Triggers.Count}";
            }

            return outcome.Triggers.Count == 0 ? "the change was not found"
                : Time(outcome.Triggers[0], "detectedAt") < _changeTime ? "a trigger came before the change"
                : null;
        }
    }

    /// <summary>Writes it: the trigger in words and as JSON, the true change, the delay.</summary>
    public void Write(TextWriter output)
    {
        foreach (var trigger in outcome.Triggers)
        {
            WriteTrigger(output, trigger);
        }

        if (scenario.Kind == ScenarioKind.Credit)
        {
            Say(output, "true change", Text($"event {scenario.FirstChanged + 1:N0}, {Moment(_changeTime)}"));
        }

        if (scenario.Kind == ScenarioKind.Credit && Broken is null)
        {
            var delay = Delay(outcome.Triggers[0]);
            Say(output, "delay", Text($"{delay:N0} events over all partitions ({(double)delay / scenario.Events * scenario.Milliseconds / 1_000:N1} s of event time)"));
        }
        else if (outcome.Triggers.Count == 0)
        {
            Say(output, "triggers", Text($"none in {outcome.Events:N0} events; entries of a stream into Drift: {outcome.Drifts}"));
        }
    }

    private static void Say(TextWriter output, string what, string value) => output.WriteLine("  " + what.PadRight(TruthWidth) + value);

    private static string Text(FormattableString text) => text.ToString(DemoStory.Format);

    private static long Time(JsonElement trigger, string name) =>
        DateTimeOffset.Parse(trigger.GetProperty("data").GetProperty(name).GetString()!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string Moment(long time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static void WriteTrigger(TextWriter output, JsonElement trigger)
    {
        var data = trigger.GetProperty("data");
        var fresh = data.GetProperty("freshData").EnumerateArray().ToArray();
        var events = fresh.Sum(static span => span.GetProperty("toOffset").GetInt64() - span.GetProperty("fromOffset").GetInt64());
        output.WriteLine($"  RETRAIN {data.GetProperty("model").GetString()}, version {data.GetProperty("version").GetString()}");
        Say(output, "because", data.GetProperty("reason").GetString()!);
        Say(output, "summary", data.GetProperty("summary").GetString()!);
        Say(output, "since", Moment(Time(trigger, "changedAt")));
        Say(output, "found", Moment(Time(trigger, "detectedAt")));
        Say(output, "train on", Text($"{events:N0} events of {fresh.Length} {(fresh.Length == 1 ? "partition" : "partitions")}, offsets below"));
        output.WriteLine();
        output.WriteLine(Pretty(trigger, "  "));
        output.WriteLine();
    }

    /// <summary>Events after the change that the decision had seen, of all partitions.</summary>
    private long Delay(JsonElement trigger) => trigger.GetProperty("data").GetProperty("freshData").EnumerateArray()
        .Sum(span => Math.Max(0, span.GetProperty("toOffset").GetInt64() - outcome.FirstChanged[span.GetProperty("partition").GetInt32()]));

    /// <summary>JSON with a line for each property and each element, and what lies deeper than that on the line of its parent.</summary>
    private static string Pretty(JsonElement json, string indent)
    {
        var text = new StringBuilder();
        Append(text, json, indent, depth: 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement json, string indent, int depth)
    {
        var lines = json.ValueKind switch
        {
            JsonValueKind.Object when depth < 2 => json.EnumerateObject().Select(static property => ($"\"{property.Name}\": ", property.Value)).ToArray(),
            JsonValueKind.Array when depth < 3 => [.. json.EnumerateArray().Select(static element => ("", element))],
            _ => null,
        };
        if (lines is null or [])
        {
            text.Append(depth == 0 ? indent : "").Append(json.GetRawText());
            return;
        }

        var (open, close) = json.ValueKind == JsonValueKind.Object ? ('{', '}') : ('[', ']');
        text.Append(depth == 0 ? indent : "").Append(open).Append('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            text.Append(indent).Append("  ").Append(lines[i].Item1);
            Append(text, lines[i].Item2, indent + "  ", depth + 1);
            text.Append(i < lines.Length - 1 ? ",\n" : "\n");
        }

        text.Append(indent).Append(close);
    }
}
