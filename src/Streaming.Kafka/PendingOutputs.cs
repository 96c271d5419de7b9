using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>How much waits for the next commit; where it is a lot, the commit does not wait for its time.</summary>
internal sealed class PendingOutputs
{
    /// <summary>Bytes of outputs at which a commit is due.</summary>
    public const long MostBytes = 16 << 20;

    // a record and its place in a list and in the client's queue
    private const int RecordOverhead = 256;

    private int _counted;
    private long _bytes;

    /// <summary>Whether a commit is due.</summary>
    public bool IsFull(List<OutputRecord> outputs)
    {
        for (; _counted < outputs.Count; _counted++)
        {
            var output = outputs[_counted];
            _bytes += RecordOverhead + (output.Key?.Length ?? 0) + (output.Value?.Length ?? 0);
        }

        return _bytes >= MostBytes;
    }

    /// <summary>All is committed.</summary>
    public void Clear() => (_counted, _bytes) = (0, 0);
}
