using System.Text.Json;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>A trigger that is handed over: the record, and what of it a receiver is told beside it.</summary>
internal sealed record Trigger(TriggerRecord Record, string Id, string Model, string Version, string Reason)
{
    /// <summary>The CloudEvent, as it was written.</summary>
    public byte[] Json => Record.Value!;

    /// <summary>Begins a trace whose id is the trigger's, so that a pipeline's spans are found by it (W3C Trace Context); null where the id is no such id.</summary>
    public string? TraceParent => Id.Length == 32 && Id.All(char.IsAsciiHexDigitLower) && Id[..16].Any(static c => c != '0') && Id[16..].Any(static c => c != '0')
        ? $"00-{Id}-{Id[16..]}-01" : null;

    /// <summary>Reads a record of the trigger topic; null where it is none.</summary>
    public static Trigger? Of(TriggerRecord record)
    {
        if (record.Value is null)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(record.Value);
            var data = json.RootElement.GetProperty("data");
            return new Trigger(
                record, Text(json.RootElement, "id"), Text(data, "model"), Text(data, "version"), Text(data, "reason"));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new JsonException(name);
}
