using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>CloudEvents 1.0 in structured JSON: the envelope of signals and triggers.</summary>
internal static class CloudEvent
{
    // quotes and control characters stay escaped; letters of all languages stay readable
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly KeyValuePair<string, byte[]>[] ContentType = [new("content-type", "application/cloudevents+json; charset=UTF-8"u8.ToArray())];

    public static OutputRecord Record(
        OutputTopic topic, string model, string type, string id, string group, long time, Action<Utf8JsonWriter> writeData)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            Write(json, type, id, "/driftd/" + Uri.EscapeDataString(group), model, time, writeData);
        }

        return Record(topic, model, buffer.WrittenSpan.ToArray());
    }

    public static OutputRecord Record(OutputTopic topic, string model, byte[] value) =>
        new(topic, ModelPartition.Hash(model), Encoding.UTF8.GetBytes(model), value, ContentType);

    public static void Write(Utf8JsonWriter json, string type, string id, string source, string model, long time, Action<Utf8JsonWriter> writeData)
    {
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", id);
        json.WriteString("source", source);
        json.WriteString("type", type);
        json.WriteString("subject", model);
        json.WriteString("time", Time(time));
        json.WriteString("datacontenttype", "application/json");
        json.WriteStartObject("data");
        writeData(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteEvidence(Utf8JsonWriter json, in Evidence evidence)
    {
        Number(json, "statistic", evidence.Statistic);
        Number(json, "threshold", evidence.Threshold);
        Number(json, "before", evidence.Before);
        Number(json, "after", evidence.After);
        json.WriteNumber("count", evidence.Count);
    }

    /// <summary>A number, or null where JSON has none for it.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static string Name(DriftLevel level) => level switch
    {
        DriftLevel.Learning => "learning",
        DriftLevel.Stable => "stable",
        DriftLevel.Warning => "warning",
        _ => "drift",
    };

    /// <summary>RFC 3339 in UTC with milliseconds; times outside years 1 to 9999 are cut to them.</summary>
    public static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, -62_135_596_800_000, 253_402_300_799_999))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Identity of a record: the first 128 bits of a SHA-256 over the parts, in hexadecimal.</summary>
    public static string Identity(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            // length first, so that no two lists of parts give the same text
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }
}
