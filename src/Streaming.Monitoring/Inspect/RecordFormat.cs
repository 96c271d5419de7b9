using System.Text.Unicode;

namespace Streaming.Monitoring;

/// <summary>What the value of a record is, as far as bytes and headers tell.</summary>
internal enum RecordFormat : byte
{
    Empty,
    JsonObject,
    CloudEventStructured,
    CloudEventBinary,
    ConnectJson,
    OtherJson,
    SchemaRegistry,
    Text,
    Binary,
}

internal static class RecordFormats
{
    /// <summary>Names for people, with what driftd can do with it.</summary>
    public static string Words(this RecordFormat format) => format switch
    {
        RecordFormat.Empty => "no value",
        RecordFormat.JsonObject => "JSON object",
        RecordFormat.CloudEventStructured => "CloudEvent, structured",
        RecordFormat.CloudEventBinary => "CloudEvent, binary (attributes in headers, data in the value)",
        RecordFormat.ConnectJson => "Kafka Connect JSON (schema and payload)",
        RecordFormat.OtherJson => "JSON, but no object: cannot be read",
        RecordFormat.SchemaRegistry => "schema registry framing (Avro, Protobuf or JSON Schema behind five bytes): cannot be read",
        RecordFormat.Text => "text that is no JSON: cannot be read",
        _ => "binary: cannot be read",
    };

    /// <summary>The format of one record; adds the keys of an object to <paramref name="shape"/>.</summary>
    public static RecordFormat Of(in LogRecord record, JsonShape shape)
    {
        switch (record.Value)
        {
            case null or []:
                return RecordFormat.Empty;
            case [0, _, _, _, _, _, ..]:
                return RecordFormat.SchemaRegistry;
        }

        if (!Utf8.IsValid(record.Value))
        {
            return RecordFormat.Binary;
        }

        var found = shape.Observe(record.Value, record.Key);
        if (found is not { } names)
        {
            return JsonShape.IsJson(record.Value) ? RecordFormat.OtherJson : RecordFormat.Text;
        }

        return Has(record, "ce_specversion") ? RecordFormat.CloudEventBinary
            : names.Contains("specversion") && names.Contains("source") && names.Contains("type") ? RecordFormat.CloudEventStructured
            : names.Count == 2 && names.Contains("schema") && names.Contains("payload") ? RecordFormat.ConnectJson
            : RecordFormat.JsonObject;
    }

    private static bool Has(in LogRecord record, string header) =>
        record.Headers?.Any(found => string.Equals(found.Key, header, StringComparison.OrdinalIgnoreCase)) ?? false;
}
