using System.Text;

namespace Streaming.Monitoring;

/// <summary>Makes the record that keeps unusable input, with headers in the manner of Kafka Connect.</summary>
internal static class DeadLetter
{
    private const string Prefix = "__driftd.errors.";

    public static OutputRecord Of(string topic, int partition, in LogRecord record, RejectReason reason, string field, int maxValueBytes)
    {
        var headers = new List<KeyValuePair<string, byte[]>>(record.Headers ?? []);
        Add(headers, "topic", topic);
        Add(headers, "partition", partition.ToString());
        Add(headers, "offset", record.Offset.ToString());
        Add(headers, "timestamp", record.Timestamp.ToString());
        Add(headers, "reason", reason.Text());
        Add(headers, "field", field);
        var value = record.Value;
        if (value is not null && value.Length > maxValueBytes)
        {
            Add(headers, "length", value.Length.ToString());
            value = value[..maxValueBytes];
        }

        return new OutputRecord(OutputTopic.DeadLetters, (uint)partition, record.Key, value, headers);
    }

    private static void Add(List<KeyValuePair<string, byte[]>> headers, string name, string text) =>
        headers.Add(new(Prefix + name, Encoding.UTF8.GetBytes(text)));
}
