namespace Streaming.Monitoring;

/// <summary>One record of an input partition, as it lies in the log.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Timestamp">Its Kafka timestamp, milliseconds since 1970.</param>
/// <param name="Key">Its key, where it has one.</param>
/// <param name="Value">Its value; null where the record has none.</param>
/// <param name="Headers">Its headers, carried into a dead letter; null where it has none.</param>
public readonly record struct LogRecord(
    long Offset, long Timestamp, byte[]? Key, byte[]? Value, IReadOnlyList<KeyValuePair<string, byte[]>>? Headers = null);
