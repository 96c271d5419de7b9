namespace Streaming.Monitoring;

/// <summary>DETECT: events of each partition in, panes and dead letters out.</summary>
public sealed class DetectStage(MonitoringOptions options) : IStage
{
    /// <inheritdoc/>
    public void Assign(string topic, int partition) => _ = options;

    /// <inheritdoc/>
    public void Revoke(string topic, int partition) { }

    /// <inheritdoc/>
    public void Process(string topic, int partition, ReadOnlySpan<LogRecord> records, List<OutputRecord> output) { }

    /// <inheritdoc/>
    public void Flush(string topic, int partition, List<OutputRecord> output, FlushReason reason) { }

    /// <inheritdoc/>
    public StageSnapshot Snapshot() => StageSnapshot.Empty;
}
