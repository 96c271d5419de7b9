using System.Text.Json;

namespace Streaming.Host;

/// <summary>Takes the labels out of events: each becomes a record of its own that is due a while later, in event time.</summary>
/// <remarks>Labels that are not due yet wait in memory: as many as the delay holds events.</remarks>
internal sealed class LabelSplit(TimeSpan delay)
{
    private readonly PriorityQueue<(byte[]? Key, byte[] Value), (long Time, long Number)> _waiting = new();
    private long _time;
    private long _number;

    /// <summary>Labels that came out so far.</summary>
    public long Labels => _number;

    /// <summary>The event without its label.</summary>
    /// <exception cref="FormatException">It has a label but no id, by which the two would be joined.</exception>
    public byte[] Take(IEvents events)
    {
        _time = Math.Max(_time, events.Time ?? _time);
        using var json = JsonDocument.Parse(events.Json.ToArray());
        if (!json.RootElement.TryGetProperty("label", out var label) || label.ValueKind == JsonValueKind.Null)
        {
            return events.Json.ToArray();
        }

        if (events.Id is null || !json.RootElement.TryGetProperty("id", out var id))
        {
            throw new FormatException($"{events.Place}: an event with a label but without an id: labels are joined by id, see --id");
        }

        var due = (events.Time ?? _time) + (long)delay.TotalMilliseconds;
        _waiting.Enqueue((events.Id, Object(writer => WriteLabel(writer, id, label, due))), (due, _number++));
        return Object(writer => WriteWithout(writer, json.RootElement));
    }

    /// <summary>Labels that are due by now; with <paramref name="all"/> those that are left.</summary>
    public IEnumerable<(byte[]? Key, byte[] Value)> Due(bool all = false)
    {
        while (_waiting.TryPeek(out var label, out var due) && (all || due.Time <= _time))
        {
            _waiting.Dequeue();
            yield return label;
        }
    }

    private static void WriteLabel(Utf8JsonWriter writer, JsonElement id, JsonElement label, long due)
    {
        writer.WritePropertyName("id"u8);
        id.WriteTo(writer);
        writer.WritePropertyName("label"u8);
        label.WriteTo(writer);
        writer.WriteNumber("time"u8, due);
    }

    private static void WriteWithout(Utf8JsonWriter writer, JsonElement json)
    {
        foreach (var property in json.EnumerateObject().Where(static property => !property.NameEquals("label"u8)))
        {
            property.WriteTo(writer);
        }
    }

    private static byte[] Object(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
