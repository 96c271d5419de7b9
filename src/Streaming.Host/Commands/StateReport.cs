using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>Saved state for people and for machines.</summary>
internal static class StateReport
{
    /// <summary>The option that chooses between them.</summary>
    public static Option<string> Format()
    {
        var format = new Option<string>("--output")
        {
            Description = "table, or json: one object a line.",
            HelpName = "FORMAT",
            DefaultValueFactory = static _ => "table",
        };
        format.AcceptOnlyFromAmong("table", "json");
        return format;
    }

    /// <summary>A damaged record in one line.</summary>
    public static string Text(DamagedState record) => $"{record.StateTopic} [{record.Partition}] offset {record.Offset}, {record.About}: {record.Problem}";

    /// <summary>Writes what is saved and what is damaged.</summary>
    public static void Write(TextWriter output, StateListing listing, bool asJson)
    {
        if (asJson)
        {
            foreach (var entry in listing.Entries)
            {
                ResultText.WriteLine(output, json => Members(json, entry));
            }

            foreach (var record in listing.Damaged)
            {
                ResultText.WriteLine(output, json => Members(json, record));
            }

            return;
        }

        Positions(output, listing);
        Monitors(output, listing);
    }

    /// <summary>Writes each piece with its value.</summary>
    public static void Export(TextWriter output, StateListing listing)
    {
        foreach (var entry in listing.Entries)
        {
            ResultText.WriteLine(output, json =>
            {
                Members(json, entry);
                json.WriteBase64String("key", entry.Key.Encode());
                json.WriteBase64String("value", entry.Value);
            });
        }
    }

    private static void Positions(TextWriter output, StateListing listing)
    {
        var table = ResultText.Table("stage", "topic", "partition ", "committed ", "replay from ");
        foreach (var entry in listing.Entries.Where(static entry => entry.Key.Kind == StateKind.Position))
        {
            ResultText.Add(table, Stage(entry.StateTopic), TopicOf(entry), Number(entry.Partition), Number(entry.Committed), Number(entry.ReplayFrom));
        }

        ResultText.Write(output, table);
    }

    private static void Monitors(TextWriter output, StateListing listing)
    {
        var table = ResultText.Table("stage", "topic", "partition ", "model", "version", "events ", "labels ", "errors ", "contains up to ", "bytes ");
        foreach (var entry in listing.Entries.Where(static entry => entry.Key.Kind == StateKind.Monitor))
        {
            var summary = entry.Summary;
            ResultText.Add(
                table, Stage(entry.StateTopic), TopicOf(entry), Number(entry.Partition), entry.Key.Model, entry.Key.Version, Number(summary?.Events),
                Number(summary?.Labels), Number(summary?.Errors), Number(summary?.Contained), Number(entry.Bytes));
        }

        ResultText.Write(output, table);
        output.WriteLine(
            $"{listing.Entries.Count} pieces of state, {listing.Entries.Sum(static entry => entry.Bytes)} bytes; {listing.Damaged.Count} damaged");
    }

    private static void Members(Utf8JsonWriter json, StateEntry entry)
    {
        json.WriteString("kind", entry.Key.Kind.ToString().ToLowerInvariant());
        json.WriteString("stage", Stage(entry.StateTopic));
        json.WriteString("stateTopic", entry.StateTopic);
        json.WriteNumber("offset", entry.Offset);
        json.WriteString("topic", entry.Topic);
        json.WriteString("topicId", entry.Key.TopicId);
        json.WriteBoolean("former", entry.IsFormer);
        json.WriteNumber("partition", entry.Partition);
        if (entry.Key.Kind == StateKind.Position)
        {
            json.WriteNumber("committed", entry.Committed!.Value);
            json.WriteNumber("replayFrom", entry.ReplayFrom!.Value);
        }
        else
        {
            json.WriteString("model", entry.Key.Model);
            json.WriteString("version", entry.Key.Version);
        }

        if (entry.Summary is { } summary)
        {
            json.WriteNumber("events", summary.Events);
            json.WriteNumber("labels", summary.Labels);
            json.WriteNumber("errors", summary.Errors);
            json.WriteNumber("contained", summary.Contained);
        }

        json.WriteNumber("bytes", entry.Bytes);
    }

    private static void Members(Utf8JsonWriter json, DamagedState record)
    {
        json.WriteString("kind", "damaged");
        json.WriteString("stateTopic", record.StateTopic);
        json.WriteNumber("partition", record.Partition);
        json.WriteNumber("offset", record.Offset);
        json.WriteString("about", record.About);
        json.WriteString("problem", record.Problem);
    }

    private static string TopicOf(StateEntry entry) => (entry.Topic ?? entry.Key.TopicId.ToString()) + (entry.IsFormer ? " (former)" : "");

    private static string Stage(string stateTopic) => stateTopic[(stateTopic.LastIndexOf('.') + 1)..];

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
