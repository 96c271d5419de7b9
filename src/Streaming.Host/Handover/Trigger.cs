using System.Text.Json;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>A trigger that is handed over: the record, and what of it a receiver is told beside it.</summary>
internal sealed record Trigger(TriggerRecord Record, string Id, string Model, string Version, string Reason)
{
    /// <summary>The CloudEvent, as it was written.</summary>
    public byte[] Json => Record.Value!;

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
