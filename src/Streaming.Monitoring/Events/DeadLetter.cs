using System.Text;

namespace Streaming.Monitoring;

/// <summary>Makes the record that keeps unusable input, with headers in the manner of Kafka Connect.</summary>
/// <remarks>
/// Of a record that is too large key and value are cut, and headers left out; <c>keyLength</c>, <c>length</c> and <c>headers</c> then say how much
/// there was. Where a dead letter is a <see cref="DeadLetterContent.Reference"/>, it has an empty value and no header but ours; with a
/// <see cref="PrivacyKey"/> two of them hold keyed hashes of key and value, by which a record can be found again. The trace that the record belongs to
/// stays with it in any case.
/// </remarks>
internal static class DeadLetter
{
    /// <summary>What the names of our headers begin with.</summary>
    public const string Prefix = "__driftd.errors.";

    // below the brokers' default of 1 MiB for a record, framing included: what cannot be written must not hold up what can
    private const int MostBytes = 900_000;
    private const int MostKeyBytes = 100_000;
    private const int MostHeaderBytes = 100_000;
    private const int MostFieldLength = 1_000;

    public static OutputRecord Of(string topic, int partition, in LogRecord record, RejectReason reason, string field, MonitoringOptions options)
    {
        var isReference = options.DeadLetters == DeadLetterContent.Reference;
        var given = isReference ? Trace(record) : record.Headers ?? [];
        var fits = given.Sum(static header => header.Key.Length + header.Value.Length) <= MostHeaderBytes;
        var headers = new List<KeyValuePair<string, byte[]>>(fits ? given : Trace(record));
        Add(headers, "topic", topic);
        Add(headers, "partition", partition.ToString());
        Add(headers, "offset", record.Offset.ToString());
        Add(headers, "timestamp", record.Timestamp.ToString());
        Add(headers, "reason", reason.Text());
        Add(headers, "field", field.Length > MostFieldLength ? field[..MostFieldLength] : field);
        if (!fits)
        {
            Add(headers, "headers", given.Count.ToString());
        }

        if (isReference)
        {
            Add(headers, "length", (record.Value?.Length ?? 0).ToString());
            if (options.Sensitive.Key is { } secret)
            {
                Add(headers, "keyHash", record.Key is null ? "" : secret.Text(record.Key));
                Add(headers, "hash", record.Value is null ? "" : secret.Text(record.Value));
            }

            return new OutputRecord(OutputTopic.DeadLetters, (uint)partition, null, [], headers);
        }

        var key = Cut(record.Key, MostKeyBytes, "keyLength", headers);
        var value = Cut(record.Value, Math.Min(options.MaxRecordBytes, MostBytes - MostKeyBytes - MostHeaderBytes), "length", headers);
        return new OutputRecord(OutputTopic.DeadLetters, (uint)partition, key, value, headers);
    }

    private static IReadOnlyList<KeyValuePair<string, byte[]>> Trace(in LogRecord record) =>
        [.. (record.Headers ?? []).Where(static header => header.Key == TraceContext.Header && TraceContext.IsOne(header.Value)).Take(1)];

    private static byte[]? Cut(byte[]? bytes, int most, string name, List<KeyValuePair<string, byte[]>> headers)
    {
        if (bytes is null || bytes.Length <= most)
        {
            return bytes;
        }

        Add(headers, name, bytes.Length.ToString());
        return bytes[..most];
    }

    private static void Add(List<KeyValuePair<string, byte[]>> headers, string name, string text) =>
        headers.Add(new(Prefix + name, Encoding.UTF8.GetBytes(text)));
}
